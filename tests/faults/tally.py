"""What a machine or a history did, counted while it does it, so that a test that fails tells how far it came."""

PROPERTY = "counted"
FAULTS = "faults"
"""Names of what travels with a test's report: its counts, and its faults by class."""


class Tally:
    """`counts` and `faults` are read once the test has ended, however it did (see counted.py)."""

    def __init__(self) -> None:
        self.counts = {"operations": 0, "faults": 0, "checked": 0, "steps": 0}
        self.faults: dict[str, int] = {}

    def did(self, operations: int = 1) -> None:
        """Somebody wrote, pressed, read."""
        self.counts["operations"] += operations

    def owes(self, *faults: str) -> None:
        """Classes of faults that a run at length must have met."""
        for fault in faults:
            self.faults.setdefault(fault, 0)

    def struck(self, fault: str, times: int = 1) -> None:
        if times:
            self.counts["faults"] += times
            self.faults[fault] = self.faults.get(fault, 0) + times

    def took(self, steps: int = 1) -> None:
        self.counts["steps"] += steps

    def ended(self) -> None:
        """One example, or history, was looked at to its end."""
        self.counts["checked"] += 1
