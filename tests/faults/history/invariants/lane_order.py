"""I5: what one device did in one booking took effect in the order of the clicks."""

from collections.abc import Iterator

from tests.faults.history.facts import Facts, Finding


def lane_order(facts: Facts) -> Iterator[Finding]:
    newest: dict[tuple[str, str], tuple[int, str]] = {}
    for op, click in facts.clicks.items():
        seq = facts.effect_seq.get(op)
        if seq is None or facts.went_to_a_person(op):
            continue
        lane = (click.process, click.booking)
        before, earlier = newest.get(lane, (0, ""))
        if seq < before:
            yield op, f"was clicked after {earlier} at {click.process} and took effect before it", (earlier,)
        else:
            newest[lane] = (seq, op)
