"""A process that writes messages as fast as it can and prints each id once it is acknowledged; to be killed.

python -m tests.support.writing_process DATA_DIR BOOKING_ID [DATABASE_URL]
"""

import asyncio
import sys
from pathlib import Path

from contract.actors import Actor
from contract.ids import new_id
from contract.operations import Operation, SendMessage, write_payload
from server.actions.perform import perform
from server.store.settings import StoreSettings
from server.store.store import Store
from server.store.transactions import WriteTx
from tests.support.writing_desk import load_workflows

OLGA = Actor("01a1fd9e-0000-7000-8000-000000000001", "operator", "Olga")
IN_FLIGHT = 200


async def write_on(data_dir: Path, booking_id: str, url: str | None) -> None:
    store, workflows = Store.open(StoreSettings(data_dir, url=url)), load_workflows()
    store.start(asyncio.get_running_loop(), lambda batch: None)

    def send() -> None:
        op_id = new_id()
        operation = Operation(op_id, "message.send", booking_id, write_payload(SendMessage(f"Line {op_id}")))

        def job(tx: WriteTx) -> object:
            return perform(tx, workflows, OLGA, "device", operation)

        def done(verdict: object) -> None:
            sys.stdout.write(f"{op_id} {getattr(verdict, 'verdict', verdict)}\n")
            sys.stdout.flush()
            send()

        sys.stdout.write(f"{op_id} asked\n")
        store.submit(job, done)

    for _ in range(IN_FLIGHT):
        send()
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(write_on(Path(sys.argv[1]), sys.argv[2], sys.argv[3] or None))
