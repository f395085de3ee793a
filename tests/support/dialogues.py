"""Conversations to run on: the real ones beside the project where they exist, else generated ones of the same shape."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "dialogues.jsonl"
_WORDS = (
    "when can the team come to the gate please thanks tomorrow at five is it late who what address floor سلام شكرا 👍"
).split()


@dataclass(frozen=True)
class Dialogue:
    """`turns` are (speaker, text) with speaker 'customer' or 'operator'. Turns without a word, which the data has, are
    left out: nobody can send them."""

    id: str
    workflow: str
    turns: tuple[tuple[str, str], ...]


def dialogues(count: int, seed: int = 1) -> list[Dialogue]:
    """`count` conversations, the same for the same seed."""
    chance = random.Random(seed)
    if REAL.exists():
        found = [_of_line(line) for line in REAL.read_text(encoding="utf-8").splitlines() if line.strip()]
        return chance.sample(found, min(count, len(found)))
    return [_generated(number, chance) for number in range(count)]


def _of_line(line: str) -> Dialogue:
    read = json.loads(line)
    return Dialogue(
        read["id"], read["workflow"], tuple((speaker, text) for speaker, text in read["turns"] if text.strip())
    )


def _generated(number: int, chance: random.Random) -> Dialogue:
    turns = tuple(
        ("customer" if turn % 2 == 0 else "operator", " ".join(chance.choices(_WORDS, k=chance.randint(1, 20))))
        for turn in range(chance.randint(4, 20))
    )
    workflow = chance.choice(["dental", "protection", "techcare", "support"])
    return Dialogue(f"generated-{number}", workflow, turns)
