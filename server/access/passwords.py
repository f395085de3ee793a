"""Passwords: hashed with argon2, in threads of their own and at most two at once, for each takes 64 MiB."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MAX_PASSWORD = 1_000
"""Characters."""
_hasher = PasswordHasher()
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$o6CegK9tEqRgNOFNE/zCPA$Rxf6MRNKazuJA9xPkESPdLt+vIru8J+h4jVO0f1KJo0"
"""Of no password that anyone has. Checked against when there is no such account, so that its absence takes as long as a
wrong password; written down, for to make it takes as long as well, at every start of every command."""


def hash_password(password: str) -> str:
    """The argon2id hash to store; raises ValueError when the password is empty or endless."""
    if not 1 <= len(password) <= MAX_PASSWORD:
        raise ValueError(f"a password has 1 to {MAX_PASSWORD} characters")
    return _hasher.hash(password)


def check_password(stored: str | None, password: str) -> bool:
    """Whether it is the one; takes as long when there is none to compare with."""
    try:
        _hasher.verify(stored or _NOBODYS, password[:MAX_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


class PasswordThreads:
    """Where the loop has passwords checked."""

    def __init__(self, at_once: int = 2) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")

    async def check(self, stored: str | None, password: str) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self._threads, check_password, stored, password)

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, hash_password, password)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
