"""A password as accounts made for tests keep it: argon2 as everywhere, but a thousandth of the work, for it is checked
at thousands of sign-ins that are about something else."""

from argon2 import PasswordHasher

_light = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def light_hash(password: str) -> str:
    """What the server's own check takes: a hash names the work that it asks for."""
    return _light.hash(password)
