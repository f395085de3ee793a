"""What the machines of tier 2 are built on: hypothesis' own, with its steps and its ends counted."""

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.faults.tally import Tally


class CountedMachine(RuleBasedStateMachine):
    """Counts its steps, its beginning not among them, and its end. `FAULTS`: the classes that befall it."""

    FAULTS: tuple[str, ...] = ()

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self.tally = tally
        tally.owes(*self.FAULTS)
        self._begun = False

    @invariant()
    def a_step_was_taken(self) -> None:
        if self._begun:
            self.tally.took()
        self._begun = True

    def teardown(self) -> None:
        """To be called once all that must hold at the end has held."""
        self.tally.ended()
