"""`make bench`: every figure of DESIGN 11 that this machine can take, in one run, as one table."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from tests.bench import machine, programs
from tests.bench.arena import Arena
from tests.bench.contestants import fieldline, nats, socket_io
from tests.bench.desktop import measures as desktop
from tests.bench.figures import Figure, failure, markdown, table
from tests.bench.load_client import LoadFailed
from tests.bench.measures import durable_acks, fan_out, idle_memory, latency, many_rooms, row_changes
from tests.bench.plan import FULL, QUICK, Plan
from tests.bench.shapes import everybody

T = TypeVar("T")
Measure = Callable[[Arena], list[Figure]]

SERVER: dict[str, Measure] = {
    "memory": idle_memory.figures,  # first: what load leaves behind in the allocators would hide it
    "acks": durable_acks.figures,
    "lone": lambda arena: [*fan_out.lone(arena, 100), *fan_out.lone(arena, 1000)],
    "bursts": lambda arena: [*fan_out.bursts(arena, 100), *fan_out.bursts(arena, 1000)],
    "rooms": many_rooms.figures,
    "latency": latency.one_subscriber,
    "crowd": latency.thousand_sockets,
    "changes": row_changes.figures,
}
DESKTOP = "desktop"
PAGE, LAST = programs.HERE.parents[1] / "docs" / "performance.md", "## The last figures"


@click.command()
@click.option("--quick", is_flag=True, help="One short pass of everything, under two minutes; for orientation.")
@click.option("--only", multiple=True, type=click.Choice([*SERVER, DESKTOP]), help="Only these parts.")
@click.option("--record", is_flag=True, help="Put the table into docs/performance.md in place of the last one.")
@click.option("--strict", is_flag=True, help="Exit 1 where a target is not met, too.")
def main(quick: bool, only: tuple[str, ...], record: bool, strict: bool) -> None:
    """Prints the table and writes bench-output/figures.json and figures.txt. Exits 1 where a figure cannot be taken."""
    plan = QUICK if quick else FULL
    wanted = only or (*SERVER, DESKTOP)
    folder = programs.OUTPUT / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    described, begun = machine.description(), time.monotonic()
    machine.run_here_on(machine.LOAD_CORE)
    figures: list[Figure] = []
    if any(part in SERVER for part in wanted):
        with arena(plan, folder) as ready:
            for part, measure in SERVER.items():
                if part in wanted:
                    figures += taken(part, partial(measure, ready))
    if DESKTOP in wanted:
        figures += taken(DESKTOP, lambda: desktop.figures(plan))
    described["took"] = f"{time.monotonic() - begun:.0f} s"
    report(figures, described)
    if record:
        write_down(figures, described)
    shutil.rmtree(folder, ignore_errors=True)
    sys.exit(any(one.failed or (strict and one.met is False) for one in figures))


@contextmanager
def arena(plan: Plan, folder: Path) -> Iterator[Arena]:
    """Ours and the peers, all started."""
    with ExitStack() as stack:
        say("starting the servers")
        ours = stack.enter_context(fieldline.running(folder, everybody(plan)))
        peer = optional("Socket.IO", lambda: stack.enter_context(socket_io.running(folder)))
        other = optional("NATS", lambda: stack.enter_context(nats.running(folder)))
        yield Arena(plan, folder, ours, peer, other)


def optional(name: str, start: Callable[[], T]) -> T | None:
    """The peer, or None with a word about why there is none."""
    try:
        return start()
    except programs.Missing as reason:
        say(f"without {name}: {reason}")
        return None


def taken(part: str, measure: Callable[[], list[Figure]]) -> list[Figure]:
    """A part's figures; one that fails is a figure not met, and the run goes on."""
    say(part)
    try:
        figures = measure()
    except (LoadFailed, programs.Missing) as failed:
        say(f"  failed: {failed}")
        return [failure(part, "", desktop.FAILED, str(failed))]
    for one in figures:
        say(f"  {one.name}: {one.ours:.3g} {one.unit}" + (f", ratio {one.ratio:.2f}" if one.ratio is not None else ""))
    return figures


def report(figures: list[Figure], described: dict[str, str]) -> None:
    """The table on the screen and in a file, everything in JSON beside it."""
    head = "  ".join(f"{key}: {value}" for key, value in described.items())
    text = f"{head}\n\n{table(figures)}\n"
    print(f"\n{text}")
    (programs.OUTPUT / "figures.txt").write_text(text, encoding="utf-8")
    data = msgspec.json.encode({"machine": described, "figures": figures})
    (programs.OUTPUT / "figures.json").write_bytes(msgspec.json.format(data))


def write_down(figures: list[Figure], described: dict[str, str]) -> None:
    """Replaces what stands below the page's last heading."""
    kept, heading, _ = PAGE.read_text(encoding="utf-8").partition(LAST)
    facts = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in described.items())
    PAGE.write_text(f"{kept}{heading}\n\n{facts}.\n\n{markdown(figures)}\n", encoding="utf-8")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
