"""Twenty people at work: operators write and press buttons in the newest bookings, customers open them and write."""

import asyncio
import random
from collections.abc import Mapping

from contract.workflow import Workflow
from tests.faults.many_servers.client_files import Files

MOST_WAITING = 300
"""Operations that one person leaves waiting before they wait themselves."""
PRESSES, BOOKS = 0.05, 0.05
"""How often a click of an operator is a button, and one of a customer a new booking."""


class Person:
    """Clicks `rate` times a second on average, whatever the network does."""

    def __init__(self, files: Files, workflow: Workflow, rate: float, dice: random.Random, *, staff: bool) -> None:
        self._files = files
        self._workflow = workflow
        self._rate = rate
        self._dice = dice
        self._staff = staff

    async def work(self) -> None:
        """Until it is cancelled. Held up by a busy loop, it makes up for it."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += self._dice.expovariate(self._rate)
            await asyncio.sleep(max(0.0, due - loop.time()))
            if self._files.waiting < MOST_WAITING:
                self._click()

    def _click(self) -> None:
        files = self._files
        if not files.bookings and self._staff:
            return
        if not self._staff and (not files.bookings or self._dice.random() < BOOKS):
            booking = files.click("booking.create", None, {"workflow": self._workflow.name})
            files.bookings.append(booking.op_id)
            return
        chosen = self._dice.choice(files.bookings)
        if self._staff and self._dice.random() < PRESSES and self._press(chosen):
            return
        files.click("message.send", chosen, {"text": f"{files.name} {self._dice.randrange(10**9)}"})

    def _press(self, booking: str) -> bool:
        """One of the steps that lead on from where it is shown to stand; False where there is none."""
        status = self._files.status(booking)
        steps = [name for name, step in _onward(self._workflow).items() if status in step]
        if not steps:
            return False
        transition = self._dice.choice(steps)
        self._files.click("booking.transition", booking, {"transition": transition, "values": {}}, expect=status)
        return True


def _onward(workflow: Workflow) -> Mapping[str, tuple[str, ...]]:
    """Where each transition begins that an operator may press without being asked for anything."""
    return {
        name: transition.start
        for name, transition in workflow.transitions.items()
        if "operator" in transition.by and not transition.ask
    }
