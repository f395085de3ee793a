"""The self-test of the store: what is written is there again, and nothing of it can be read in the files."""

import tempfile
from pathlib import Path

from desktop.store.profile import open_profile


class NotWorking(Exception):
    """A check of the self-test failed; the text says how."""


def check_store() -> str:
    """Opens a new profile, writes, closes, reopens, reads, looks at the files; says what it did. Raises NotWorking."""
    with tempfile.TemporaryDirectory() as folder:
        directory, secret = Path(folder) / "profile", "legible-text"
        profile = open_profile(directory)
        profile.outbox.facts.put("selftest", secret)
        profile.close()
        profile = open_profile(directory)
        found = profile.outbox.facts.get("selftest")
        profile.close()
        if found != secret:
            raise NotWorking("what was written is not there")
        written = b"".join(file.read_bytes() for file in directory.iterdir() if file.is_file())
        if secret.encode() in written or b"SQLite format" in written:
            raise NotWorking("the files are not encrypted")
    return "written, reopened, encrypted"
