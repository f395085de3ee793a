"""A mutant: one rule of the protocol taken out of the real programs, in this process and for a while."""

import contextlib
import functools
import inspect
from collections.abc import Iterator
from typing import Any

import msgspec
import sqlcipher3.dbapi2 as cipher

Patch = tuple[Any, str, Any]
"""Owner, name, and what stands there instead."""
MISTAKES = (TypeError, AttributeError, NameError, cipher.OperationalError)
"""What code raises that no longer fits its callers, the parts it calls or the tables it reads."""


class Mutant(msgspec.Struct, frozen=True):
    """`seed`: one that is known to show that the rule is missing."""

    seed: int
    breaks: str
    """The rule that is taken out, in words."""
    patches: tuple[Patch, ...]


class Watched:
    """What is seen of a mutant's own functions while it is on."""

    def __init__(self) -> None:
        self.called = 0
        self.mistakes: list[str] = []

    def stand_in(self, instead: Any) -> Any:
        """The same, watched, where it is a function or a property; as it is, where it is a text."""
        if isinstance(instead, property):
            return property(self.stand_in(instead.fget))
        if not callable(instead):
            self.called += 1  # whoever reads it cannot be seen
            return instead

        async def wait(*args: Any, **named: Any) -> Any:
            with self._looking_on(instead):
                return await instead(*args, **named)

        def call(*args: Any, **named: Any) -> Any:
            with self._looking_on(instead):
                return instead(*args, **named)

        return functools.wraps(instead)(wait if inspect.iscoroutinefunction(instead) else call)

    @contextlib.contextmanager
    def _looking_on(self, instead: Any) -> Iterator[None]:
        self.called += 1
        try:
            yield
        except MISTAKES as error:
            self.mistakes.append(f"{instead.__qualname__} fails by itself: {type(error).__name__}: {error}")
            raise


@contextlib.contextmanager
def put_on(mutant: Mutant) -> Iterator[Watched]:
    watched = Watched()
    before = [(owner, name, vars(owner)[name]) for owner, name, _ in mutant.patches]
    for owner, name, instead in mutant.patches:
        setattr(owner, name, watched.stand_in(instead))
    try:
        yield watched
    finally:
        for owner, name, real in before:
            setattr(owner, name, real)
