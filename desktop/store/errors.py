"""What can go wrong with what is kept on disk. Above the store nobody knows SQLite's errors.

StoreError
├── ProfileInUse        another Fieldline has this profile open
├── ProfileUnusable     the folder or its key cannot be used at all; the text says why
│   └── NoRoom          the disk is full, and the profile cannot even be opened without writing
├── DiskFull            nothing was written; what was typed must stay where it is
├── Unavailable         a file cannot be had now: another program has it, or its folder is gone
├── Outdated            what came is older than what is held; nothing was replaced
├── Damaged             a file's pages are not what was written
└── OutboxDamaged       the outbox's are not: unlike the cache it is nowhere else, and the next start salvages it
"""


class StoreError(Exception):
    """The root of the family."""


class ProfileInUse(StoreError):
    """Another running Fieldline holds the profile."""


class ProfileUnusable(StoreError):
    """The profile cannot be opened; the text is for a person."""


class NoRoom(ProfileUnusable):
    """The disk takes no more, and what is there cannot be opened without writing."""


class DiskFull(StoreError):
    """The disk takes no more, or will not be written to."""


class Unavailable(StoreError):
    """A file cannot be opened, or is held by another program."""


class Outdated(StoreError):
    """A snapshot is older than what is held of the same history."""


class Damaged(StoreError):
    """A database file is damaged."""


class OutboxDamaged(StoreError):
    """The outbox was found to be damaged while it was in use."""
