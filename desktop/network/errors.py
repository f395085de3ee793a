"""What can go wrong between here and the server. Above this folder nobody knows websockets' or httpx' errors.

NetworkError
├── Unreachable         no answer came: try the same again later
│   └── Busy            an answer, but not now (429, 5xx, draining): try again after `retry_after`
│       └── Intercepted an answer, but not the server's: a proxy's, or the page of a network that wants a sign-in
├── Refused             the server says no: `code`, and words for the operator
│   └── NotSignedIn     401: the token is used up or void; refresh it and send the same again
└── ContractBroken      what came is not what was agreed: one of the two programs is wrong or too old
"""

from typing import Any


class NetworkError(Exception):
    """The root of the family."""


class BusLost(Exception):
    """There is no message bus on this computer, or there is no more. No NetworkError: no server is concerned."""


class Unreachable(NetworkError):
    """Nothing says whether the other side got it."""


class Busy(Unreachable):
    """The server answers that it cannot now. `retry_after` in seconds, where it said so."""

    def __init__(self, message: str, retry_after: float | None = None, *, broke: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.broke = broke
        """It failed on this very request (500), and might on the next try."""


class Intercepted(Busy):
    """Something on the way answered in the server's place, in no form of ours: it proves nothing of an operation or a
    session. `broke`: it might let others pass, and carry this very request never."""


class Refused(NetworkError):
    """`str()` of it is a sentence for the operator; `code` is one of contract.errors where our server spoke."""

    def __init__(self, code: str, message: str, status: int = 0, details: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.details = details


class NotSignedIn(Refused):
    """The access token is not taken."""


class ContractBroken(NetworkError):
    """An answer in another shape than agreed."""
