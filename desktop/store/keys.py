"""The key of a profile's files: kept by the system's key ring, or where there is none in a file beside them.

The file is encrypted under what identifies this computer and this account. That keeps a copied folder or a backup
unreadable elsewhere; it does not keep out a program that runs as the same person on the same machine. See
docs/decisions/profile-key.md.
"""

import getpass
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contract.ids import new_id
from desktop.store.errors import ProfileUnusable
from desktop.store.key_ring import KeyRing, RingUnavailable

KEY_BYTES = 32
_PURPOSE = b"fieldline profile key"
_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


class KeyLost(Exception):
    """A key was made for this profile, and cannot be had any more: what it encrypted stays unreadable."""


class KeyFile:
    """The fallback: readable by its owner only, encrypted under the machine."""

    def __init__(self, path: Path, machine: bytes) -> None:
        self.path = path
        self._machine = machine

    def read(self) -> bytes:
        """Raises KeyLost when the file was made on another computer or by another account."""
        content = self.path.read_bytes()
        try:
            return AESGCM(self._wrapping_key(content[:16])).decrypt(content[16:28], content[28:], _PURPOSE)
        except (InvalidTag, ValueError) as error:
            raise KeyLost(f"{self.path} was not made on this computer by this account.") from error

    def write(self, key: bytes) -> None:
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        _write_private(self.path, salt + nonce + AESGCM(self._wrapping_key(salt)).encrypt(nonce, key, _PURPOSE))

    def _wrapping_key(self, salt: bytes) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt, _PURPOSE).derive(self._machine)


def machine_secret() -> bytes:
    """What is the same for this account on this computer at every start, and elsewhere is not. The computer's name
    is left out: it changes, and a profile that cannot be read is worse than one that can be read elsewhere."""
    named = next((path.read_text(encoding="ascii").strip() for path in _MACHINE_IDS if path.exists()), "")
    account = str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
    return f"{named}/{account}".encode()


def profile_key(profile_dir: Path, find_ring: Callable[[], KeyRing | None], machine: bytes) -> bytes:
    """The profile's key, made at its first start and never replaced: a new one would orphan what is written.

    Raises KeyLost, and ProfileUnusable when the key ring is only locked.
    """
    file = KeyFile(profile_dir / "key", machine)
    if file.path.exists():
        return file.read()
    ticket = profile_dir / "key-in-ring"
    try:
        if ticket.exists():
            return _from_ring(find_ring(), ticket.read_text(encoding="ascii").strip())
        return _make_key(file, ticket, find_ring())
    except RingUnavailable as error:
        raise ProfileUnusable(
            "The system's key ring is locked or does not answer. Unlock it and start again."
        ) from error


def _from_ring(ring: KeyRing | None, name: str) -> bytes:
    held = ring.get(name) if ring else None
    if held is None:
        raise KeyLost("The key ring that held this profile's key is not there, or has lost it.")
    return bytes.fromhex(held)


def _make_key(file: KeyFile, ticket: Path, ring: KeyRing | None) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    if ring is None:
        file.write(key)
        return key
    name = new_id()
    try:
        ring.put(name, key.hex())
    except RingUnavailable:
        file.write(key)
        return key
    _write_private(ticket, name.encode())
    return key


def _write_private(path: Path, content: bytes) -> None:
    """Whole or not at all, for the owner's eyes only."""
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
