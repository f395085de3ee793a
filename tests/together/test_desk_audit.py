"""A cache that is not what the server holds: seen, said and put right, whatever happened to its rows."""

import asyncio
from typing import Any

from contract.ids import new_id
from desktop.store.sqlcipher import connect
from tests.support.headless_desk import Hands, quicker
from tests.support.small_world import World, desk, world
from tests.support.sync_client import message

OFTEN = quicker(audit=0.4)


def behind_its_back(hands: Hands, sql: str, *values: Any) -> None:
    """Another hand on the cache's file: the engine hears nothing of it."""
    profile = hands.desk.parts.profile
    connection = connect(profile.directory / "cache.db", profile.key, durable=False)
    try:
        assert connection.execute(sql, values).rowcount == 1
    finally:
        connection.close()


def corrected(hands: Hands) -> int:
    return sum(key == "cache_corrected" for key, _ in hands.notices)


def audits(found: World, outcome: str) -> float:
    text = found.server.get("/metrics").text
    told = [line for line in text.splitlines() if line.startswith(f'fieldline_audits_total{{outcome="{outcome}"}}')]
    return float(told[0].split()[-1]) if told else 0.0


def flip(hands: Hands) -> None:
    behind_its_back(hands, "UPDATE messages SET message = 'never said' WHERE message = 'said'")


def lose(hands: Hands) -> None:
    behind_its_back(hands, "DELETE FROM messages WHERE message = 'said'")


def invent(hands: Hands) -> None:
    behind_its_back(
        hands,
        """INSERT INTO messages SELECT ?, booking_id, sender_type, sender_id, 'never said', created_at, has_invoice,
           invoice_data, position + 1000, kind, sender_role, sender_name, texts, reply_to, client_created_at, edited_at,
           deleted_at, deleted_by, op_id FROM messages WHERE message = 'said'""",
        new_id(),
    )


def test_that_rows_changed_lost_and_invented_behind_the_engines_back_are_put_right_and_told(tmp_path: Any) -> None:
    async def story(found: World) -> None:
        found.do(found.customer, message(found.booking, "said"))
        async with desk(found, times=OFTEN) as hands:
            await hands.until(lambda: hands.texts(found.booking) == ["said"])
            for number, harm in enumerate((flip, lose, invent), 1):
                harm(hands)
                assert hands.texts(found.booking) != ["said"]
                await hands.until(lambda: hands.texts(found.booking) == ["said"])
                await hands.until(lambda: corrected(hands) == number)  # noqa: B023 - awaited here
                assert audits(found, "diverged") == number
            assert any("other rows than it should" in line for line in found.server.log.read_text().splitlines())
            await put_bookings_and_people_right(hands, found)

    with world(tmp_path) as found:
        asyncio.run(story(found))


async def put_bookings_and_people_right(hands: Hands, found: World) -> None:
    ghost = new_id()
    behind_its_back(hands, "UPDATE bookings SET id = ?, code = 'GHOST' WHERE id = ?", ghost, found.booking)
    behind_its_back(hands, "UPDATE profiles SET name = 'Nobody' WHERE id = ?", found.ids["customer"])
    reader = hands.desk.reader
    await hands.until(lambda: reader.booking(found.booking) and reader.booking(ghost) is None)
    await hands.until(lambda: "Nobody" not in {person.name for person in hands.desk.reader.people()})


def test_that_a_busy_desk_is_never_accused(tmp_path: Any) -> None:
    """Looks fall between commits, while lines are written on both sides, edited and marked."""

    async def story(found: World) -> None:
        async with desk(found, times=quicker(audit=0.01, audit_rest=0.01)) as hands:
            number = 0
            while await asyncio.to_thread(audits, found, "agreed") < 5:
                number += 1
                said = message(found.booking, str(number))
                await asyncio.to_thread(found.do, found.customer, said)
                hands.write(found.booking, f"answer {number}")
                edit = {"message_id": said["op_id"], "text": "edited"}
                change = {"op_id": new_id(), "kind": "message.edit", "booking_id": found.booking, "payload": edit}
                await asyncio.to_thread(found.do, found.customer, change)
                assert number < 2_000
            await hands.sent()
            assert audits(found, "diverged") == 0
            assert corrected(hands) == 0

    with world(tmp_path) as found:
        asyncio.run(story(found))
