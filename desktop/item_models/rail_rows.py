"""The left rail as rows: views and statuses with their counts, under the titles of their workflows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.state.lines import ViewCount


@dataclass(frozen=True, slots=True)
class RailRow:
    """A view, or the heading above a group of them (then `view` is None)."""

    key: str
    heading: str = ""
    view: ViewCount | None = None


def status_of(view_key: str) -> tuple[str, str] | None:
    """The workflow and status of a `status:<workflow>:<name>` view; None for the others."""
    parts = view_key.split(":")
    return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == "status" else None


def rail_rows(views: Sequence[ViewCount], title_of: Callable[[str], str]) -> list[RailRow]:
    """The views with a heading before the first status of each workflow; `title_of` names a workflow."""
    rows: list[RailRow] = []
    group = ""
    for view in views:
        status = status_of(view.key)
        if status and status[0] != group:
            group = status[0]
            rows.append(RailRow(f"heading:{group}", heading=title_of(group)))
        rows.append(RailRow(view.key, view=view))
    return rows
