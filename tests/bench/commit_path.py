"""How fast the store takes durable messages: decode, judge, commit and answer, without a socket. Run on one core:

taskset -c 1 .venv/bin/python -m tests.bench.commit_path [seconds] [publishers] [window]
"""

import asyncio
import gc
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from contract.actors import Actor
from contract.ids import new_id
from contract.operations import CreateBooking, Operation, write_payload
from contract.verdicts import OpsReply, OpsRequest, Verdict
from contract.workflow_file import load_workflow
from server.actions.perform import perform
from server.store.settings import StoreSettings
from server.store.store import Store
from server.store.transactions import WriteTx

OPERATOR = Actor(new_id(), "operator", "Olga Operator")
WORKFLOWS_DIR = Path(__file__).parents[2] / "resources" / "workflows"
FRAMES = 12_000
"""Messages made beforehand for each publisher."""
_decode_request = msgspec.json.Decoder(OpsRequest).decode
_decode_operation = msgspec.json.Decoder(Operation).decode
_encode = msgspec.json.Encoder().encode


class Publisher:
    """Keeps `window` messages in flight."""

    def __init__(self, store, workflows, booking_id, latencies):
        self.store, self.workflows, self.booking_id, self.latencies = store, workflows, booking_id, latencies
        self.sent = 0
        self.frames: list[bytes] = []

    def frame(self) -> bytes:
        self.sent += 1
        operation = {
            "op_id": new_id(),
            "kind": "message.send",
            "booking_id": self.booking_id,
            "payload": {"text": f"Hello from operator, we are on our way to you now, number {self.sent}."},
            "created_at": "2026-11-21T08:46:37.123Z",
        }
        return _encode({"device_id": "bench", "epoch": self.store.epoch, "ops": [operation]})

    def publish(self) -> None:
        started = time.perf_counter()
        request = _decode_request(self.frames.pop())
        operation = _decode_operation(request.ops[0])

        def job(tx: WriteTx) -> Verdict:
            return perform(tx, self.workflows, OPERATOR, request.device_id, operation, request.epoch)

        def done(verdict) -> None:
            if not isinstance(verdict, Verdict) or verdict.verdict != "applied":
                raise RuntimeError(verdict)
            _encode(OpsReply(self.store.epoch, self.store.head, [verdict]))
            self.latencies.append(time.perf_counter() - started)
            self.publish()

        self.store.submit(job, done)


async def measure(data_dir: Path, seconds: float, publishers: int, window: int) -> None:
    workflows = {path.stem: load_workflow(path.read_text(), path.name) for path in WORKFLOWS_DIR.glob("*.yaml")}
    store = Store.open(StoreSettings(data_dir))
    batches: list[int] = []
    store.start(asyncio.get_running_loop(), lambda batch: batches.append(len(batch.changes)))

    def create(tx: WriteTx) -> str:
        payload = write_payload(CreateBooking("protection", customer_name="Dana"))
        operation = Operation(new_id(), "booking.create", None, payload)
        perform(tx, workflows, OPERATOR, None, operation)
        return operation.op_id

    bookings = [await store.write(create) for _ in range(publishers)]
    latencies: list[float] = []
    for _ in range(2):  # the first time warms up
        latencies.clear()
        batches.clear()
        if _ == 0:
            everyone = [Publisher(store, workflows, booking_id, latencies) for booking_id in bookings]
            for _round in range(FRAMES):  # made in the order they will be sent in, as ids made at a click are
                for publisher in everyone:
                    publisher.frames.append(publisher.frame())
            for publisher in everyone:
                publisher.frames.reverse()
            gc.collect()
            gc.freeze()
            for publisher in everyone:
                for _window in range(window):
                    publisher.publish()
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(seconds)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    count, ordered = len(latencies), sorted(latencies)
    print(
        f"{count / took:8.0f} ops/s {took / count * 1e6:6.1f} us/op {cpu / count * 1e6:6.1f} us CPU/op "
        f"{sum(batches) / len(batches):6.1f} per commit  p50 {ordered[count // 2] * 1e3:.2f} ms "
        f"p99 {ordered[count * 99 // 100] * 1e3:.2f} ms"
    )
    store.submit = lambda job, done: None  # type: ignore[method-assign] # the publishers fall silent
    store.close()


def main() -> None:
    seconds, publishers, window = (
        float(sys.argv[1]) if len(sys.argv) > 1 else 2.0,
        *map(int, sys.argv[2:4] or (16, 16)),
    )
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), seconds, publishers, window))


if __name__ == "__main__":
    main()
