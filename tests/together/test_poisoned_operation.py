"""A real server that breaks on one operation and takes others."""

import asyncio

from contract.delivery import Delivery
from desktop.intents.retry import retry
from desktop.sync.poison import TRIES
from server.store.settings import StoreSettings
from tests.support.engines import at_a_prompt
from tests.support.small_world import World, desk, world


def test_that_what_a_server_breaks_on_is_given_up_while_the_rest_goes_through_and_can_be_tried_again(tmp_path):
    async def story(found: World) -> None:
        fault = "BEFORE INSERT ON messages WHEN NEW.message = 'poison' BEGIN SELECT zeroblob(2e9); END"
        at_a_prompt(StoreSettings(found.server.data_dir), f"CREATE TRIGGER fault {fault}")
        other = found.server.create_booking(found.customer)
        async with desk(found) as hands:
            await hands.until(lambda: hands.desk.reader.booking(other))

            def state(op_id: str) -> tuple[str, str | None]:
                op = hands.desk.outbox.get(op_id)
                return (op.state, op.code) if op else ("gone", None)

            poison = hands.write(found.booking, "poison")
            behind = hands.write(found.booking, "behind it")
            await hands.until(lambda: hands.desk.outbox.trail(poison)[-1][3] == "retry")

            async def try_again() -> None:
                tries = len(hands.desk.outbox.trail(poison))
                hands.context.outbox.hurry(poison)
                hands.desk.sender.poke()
                await hands.until(
                    lambda: "failed" in state(poison) or len(hands.desk.outbox.trail(poison)) >= tries + 2
                )

            for _ in range(TRIES + 2):
                assert state(behind)[0] == "queued"
                await try_again()
            # Nothing else was taken meanwhile: for all the desk knows the server is ill altogether.
            assert state(poison)[0] == "queued"
            for number in range(1, TRIES):
                assert state(poison)[0] != "failed"
                hands.write(other, "elsewhere")
                await hands.until(lambda: hands.deliveries(other) == [Delivery.SENT] * number)  # noqa: B023 - awaited here
                await try_again()
            await hands.until(lambda: state(behind)[0] == "sent")
            assert state(poison) == ("failed", "poison")
            assert found.texts() == ["behind it"]
            at_a_prompt(StoreSettings(found.server.data_dir), "DROP TRIGGER fault")
            retry(hands.context, poison)
            await hands.until(lambda: state(poison)[0] == "sent")
            assert found.texts() == ["behind it", "poison"]

    with world(tmp_path) as found:
        asyncio.run(story(found))
