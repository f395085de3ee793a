"""A mutant: one rule of the protocol taken out of the real programs, in this process and for a while."""

import contextlib
from collections.abc import Iterator
from typing import Any

import msgspec

Patch = tuple[Any, str, Any]
"""Owner, name, and what stands there instead."""


class Mutant(msgspec.Struct, frozen=True):
    """`seed`: one that is known to show that the rule is missing."""

    seed: int
    breaks: str
    """The rule that is taken out, in words."""
    patches: tuple[Patch, ...]


@contextlib.contextmanager
def put_on(mutant: Mutant) -> Iterator[None]:
    before = [(owner, name, vars(owner)[name]) for owner, name, _ in mutant.patches]
    for owner, name, instead in mutant.patches:
        setattr(owner, name, instead)
    try:
        yield
    finally:
        for owner, name, real in before:
            setattr(owner, name, real)
