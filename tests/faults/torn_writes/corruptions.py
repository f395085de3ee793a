"""Damages a desk's files in every way there is, one at a time, and looks at what its profile is then."""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from desktop.store.profile import Profile
from tests.faults.torn_writes.opening import Opened, open_found
from tests.faults.torn_writes.runs import Each
from tests.support.desk_builders import ANN, EPOCH, booking_row, fresh_profile, item, line, message_row

PAGE = 4096
FILES = ("outbox.db", "outbox.db-wal", "cache.db", "cache.db-wal")
OPS = 24
SNAPSHOT_AT, SNAPSHOT_ROWS, NEWS = 400, 220, 20
DRAFT = "half a sentence"
GIVEN_UP = 3
"""The number of an operation that a person discarded; a draft was cleared with it."""
SALVAGED = frozenset({"outbox_salvaged", "outbox_salvaged_partly"})


@dataclass(frozen=True)
class Made:
    """What a damaged desk had promised."""

    payloads: dict[str, str]
    """By operation."""
    given_up: str


@dataclass(frozen=True)
class Damage:
    file: str
    how: str
    seed: int

    def __str__(self) -> str:
        return f"{self.how} in {self.file} (seed {self.seed})"


@dataclass
class DamageCounts:
    done: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    """Nothing was lost and nobody had to be told."""
    told: int = 0
    salvaged: int = 0
    """Operations that survived a damage that was told of."""
    lost: int = 0
    """Operations that no file held any more: the person was told."""
    broken: list[str] = field(default_factory=list)


def flip(content: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 8, 64))):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)


def zero(content: bytearray, dice: random.Random) -> None:
    start = PAGE * dice.randrange(max(1, len(content) // PAGE))
    content[start : start + PAGE] = bytes(len(content[start : start + PAGE]))


def truncate(content: bytearray, dice: random.Random) -> None:
    del content[dice.choice((0, 1, 100, dice.randrange(len(content)), len(content) - 1)) :]


def swap(content: bytearray, dice: random.Random) -> None:
    """A page written to another page's place."""
    pages = max(1, len(content) // PAGE)
    one, other = PAGE * dice.randrange(pages), PAGE * dice.randrange(pages)
    content[one : one + PAGE], content[other : other + PAGE] = (
        content[other : other + PAGE],
        content[one : one + PAGE],
    )


WAYS: dict[str, Callable[[bytearray, random.Random], None]] = {
    "flip": flip,
    "zero": zero,
    "truncate": truncate,
    "swap": swap,
}


def make_profile(folder: Path) -> Made:
    """A desk killed at work: some of it in the files, some only in their logs.

    The copy is taken while the desk has its files open, as they stand after a kill."""
    live = folder.parent / "live"
    profile = fresh_profile(live)
    ops = []
    for number in range(OPS // 2):
        booking = f"b{number % 3}"
        ops.append(profile.outbox.add(line(booking, f"{number} " + "x" * 500), booking).op_id)
    for booking in ("b1", "b2"):
        profile.outbox.drafts.save(ANN.user_id, booking, DRAFT)
    profile.device_id()
    _fill_cache(profile)
    profile.close()
    profile = fresh_profile(live)
    profile.outbox.move(ops[GIVEN_UP], "discarded", "a person")
    profile.outbox.drafts.save(ANN.user_id, "b2", "")
    profile.close()
    profile = fresh_profile(live)
    for number in range(OPS // 2, OPS):
        profile.outbox.add(line("b1", f"{number} " + "x" * 500), "b1")
    _news(profile)
    shutil.copytree(live, folder)
    rows = profile.outbox._connection.execute("SELECT op_id, payload FROM outbox").fetchall()
    profile.close()
    return Made({row["op_id"]: row["payload"] for row in rows}, ops[GIVEN_UP])


def _fill_cache(profile: Profile) -> None:
    writer, staging = profile.worker._writer, profile.worker.staging
    writer.own(ANN.user_id, "staff")
    staging.begin()
    staging.stage("bookings", [booking_row(f"b{number}") for number in range(20)])
    staging.stage("messages", [message_row(f"b{n % 20}", "x" * 200, position=n + 1) for n in range(200)])
    staging.finish(EPOCH, SNAPSHOT_AT, "2026-11-21T00:00:00.000Z")


def _news(profile: Profile) -> None:
    for seq in range(SNAPSHOT_AT + 1, SNAPSHOT_AT + NEWS + 1):
        row = message_row("b1", f"news of {seq}", position=seq)
        profile.worker._writer.apply([item(seq, "messages", row)], seq)


def damage(folder: Path, count: int, seed: int, each: Each = map) -> DamageCounts:
    """So many damages to copies of one profile, spread evenly over files and ways. Raises what opening raises, with
    the damage named."""
    made = folder / "made"
    desk = make_profile(made)
    kinds = [(file, how) for file in FILES for how in WAYS]
    damages = [Damage(*kinds[number % len(kinds)], seed * 1_000_000 + number) for number in range(count)]
    counts = DamageCounts()
    for done, opened in zip(damages, each(_after, ((made, done) for done in damages)), strict=True):
        counts.done[f"{done.how} {done.file}"] += 1
        counts.told += bool(opened.notices or opened.cache_damage)
        again = f"  again: python -m tests.faults.torn_writes --damage {done.file} {done.how} {done.seed}"
        counts.broken += [f"{done}: {complaint}\n{again}" for complaint in _complaints(done, opened, desk)]
        _count(opened, desk.payloads, counts)
    return counts


def damage_once(folder: Path, done: Damage) -> list[str]:
    """That damage alone, to the files of a desk that did the same; what is wrong."""
    desk = make_profile(folder / "made")
    return list(_complaints(done, _after((folder / "made", done)), desk))


def _count(opened: Opened, promised: dict[str, str], counts: DamageCounts) -> None:
    kept = sum(opened.texts.get(op) == payload for op, payload in promised.items())
    if opened.told(SALVAGED):
        counts.salvaged += kept
        counts.lost += len(promised) - kept
    elif not opened.notices and not opened.cache_damage:
        counts.whole += 1


def _complaints(done: Damage, opened: Opened, desk: Made) -> Iterable[str]:
    """What is wrong with what was found."""
    promised = desk.payloads
    gone = sum(opened.texts.get(op) != payload for op, payload in promised.items())
    told = opened.told(SALVAGED)
    if gone and not told:
        yield f"{gone} of {len(promised)} operations gone, nobody is told"
    if gone and "outbox_salvaged" in opened.notices:
        yield f"{gone} operations gone, and it says that all was saved"
    if opened.texts.keys() - promised.keys():
        yield "operations that nobody made"
    if opened.states.get(desk.given_up, "discarded") != "discarded":
        yield "a discarded operation is back"
    if "b2" in opened.drafts:
        yield "a cleared draft is back"
    if opened.drafts != {"b1": DRAFT} and not told:
        yield "the draft is gone, nobody is told"
    if done.file.startswith("cache"):
        if told:
            yield "the outbox was taken for damaged"
        if not opened.told({"cache_rebuilt"}) and not opened.cache_damage and opened.cache_rows != _rows_at(opened):
            yield f"{opened.cache_rows} rows at {opened.cache_seq}, nobody is told"


def _rows_at(opened: Opened) -> int:
    """How many the cache holds when it stands there: an older moment of it is whole, too."""
    return SNAPSHOT_ROWS + max(0, opened.cache_seq - SNAPSHOT_AT) if opened.cache_seq >= SNAPSHOT_AT else -1


def _after(damaged: tuple[Path, Damage]) -> Opened:
    made, done = damaged
    found = made.parent / f"damaged-{done.seed}"
    shutil.copytree(made, found)
    content = bytearray((found / done.file).read_bytes())
    WAYS[done.how](content, random.Random(done.seed))
    (found / done.file).write_bytes(content)
    try:
        opened = open_found(found)
    except BaseException as error:
        error.add_note(f"{done}, in {found}")
        raise
    shutil.rmtree(found)
    return opened
