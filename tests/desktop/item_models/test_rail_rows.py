"""The rail: views first, then each workflow's statuses under its title."""

from desktop.item_models.rail_rows import rail_rows, status_of
from tests.support.sample_desk_data import views


def test_that_each_workflow_has_one_heading_before_its_statuses() -> None:
    rows = rail_rows(views(), str.upper)
    headings = [row.heading for row in rows if row.view is None]
    assert headings == ["PROTECTION", "SUPPORT"]
    assert rows[0].key == "needs_answer"
    assert rows[4].view is None


def test_that_a_views_key_says_which_status_it_lists() -> None:
    assert status_of("status:dental:no_show") == ("dental", "no_show")
    assert status_of("mine") is None
