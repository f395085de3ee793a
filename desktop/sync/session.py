"""Who is signed in: the tokens, kept in the encrypted outbox file, refreshed in time and by one task at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
import structlog

from desktop.config import DesktopConfig
from desktop.network.errors import Busy, ContractBroken, NotSignedIn, Refused, Unreachable
from desktop.network.http import ServerHttp, SignInAnswer
from desktop.state.changes import Changes
from desktop.state.lines import Me
from desktop.store.errors import DiskFull, Unavailable
from desktop.store.outbox_store import OutboxStore
from desktop.sync.clock import Clock
from desktop.sync.poke import Poke
from desktop.sync.saved_session import SavedSession, Tokens

T = TypeVar("T")
RENEW_AT = 0.8
"""Share of a token's life after which it is renewed."""
RENEW_RETRY = 5.0
BREATHER = 1.0
"""Seconds after a renewal came to nothing in which nobody asks anew: sender, socket and polling all want a token."""
SESSION_OVER = frozenset({"invalid_grant"})
"""What the server says of a refresh token that is worth nothing any more: its session has ended, or the account is
closed. No other answer ends a session, for it may be a proxy's, or a fault that passes."""
_TOLD = ("name", "role", "lang", "departments")
log = structlog.get_logger()


class UnsentWork(Exception):
    """Signing out now would leave operations behind that the server has not had."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} operations have not been sent.")
        self.count = count


class Session:
    """`signed_in` False with `me` set: the session has ended, its data may be shown, nothing can be sent."""

    def __init__(
        self, http: ServerHttp, outbox: OutboxStore, changes: Changes, clock: Clock, config: DesktopConfig
    ) -> None:
        self._http = http
        self._outbox = outbox
        self._saved = SavedSession(outbox.facts)
        self._changes = changes
        self._clock = clock
        self._config = config
        self._renewing = asyncio.Lock()
        self.me: Me | None
        self._tokens: Tokens | None
        self.me, self._tokens = self._saved.read()
        if self.me is not None:
            outbox.author_id = self.me.user_id
        self._in_vain: tuple[float, Unreachable] | None = None
        """When a renewal last came to nothing, by the steady clock, and why."""
        self._stays_out = False
        """Somebody has signed out here, and means it until the next start."""
        self._stir = Poke()
        self.renewed = Poke()
        """Poked when there is a newer access token."""

    @property
    def signed_in(self) -> bool:
        return self._tokens is not None

    @property
    def may_sign_in_alone(self) -> bool:
        """Whether the settings carry someone's email and password, and nobody has signed out since."""
        return bool(self._config.email and self._config.password) and not self._stays_out

    # --- in and out --------------------------------------------------------------------------------------------------

    async def sign_in(self, email: str, password: str) -> Tokens | None:
        """Returns the tokens of a session that this one takes the place of, for `end_at_server`. Raises Unreachable,
        Refused, ContractBroken, DiskFull; nothing has changed then."""
        answer = await self._http.sign_in(email, password)
        replaced = self._tokens
        self._enter(answer)
        return replaced

    async def sign_in_alone(self) -> None:
        """With the settings' email and password. A person who signs in or out meanwhile has the last word."""
        answer = await self._http.sign_in(self._config.email or "", self._config.password or "")
        if self.may_sign_in_alone and not self.signed_in:
            self._enter(answer)

    def sign_out(self, *, force: bool = False) -> Tokens | None:
        """Forgets the tokens here, and returns them for `end_at_server`. Raises UnsentWork unless `force`: what is
        unsent then waits for its author to come back. Raises DiskFull, and nothing has changed then. The settings
        sign nobody in again before the next start."""
        counts = self._outbox.counts()
        if not force and counts.queued + counts.decisions:
            raise UnsentWork(counts.queued + counts.decisions)
        was, tokens = self.me, self._tokens
        self._become(None, None)
        self._stays_out = True
        if was is not None:
            self._changes.session_changed(None)
        return tokens

    async def end_at_server(self, tokens: Tokens | None) -> None:
        """Where it can be reached: a session that nobody here has any more is nobody's to use."""
        if tokens is not None:
            try:
                await self._http.sign_out(tokens.access)
            except (Unreachable, Refused) as error:
                log.info("signed out here only", why=str(error))

    # --- tokens ------------------------------------------------------------------------------------------------------

    async def token(self) -> str:
        """An access token, renewed first when it is old. Raises NotSignedIn, and Unreachable when the old one has run
        out and no new one can be had."""
        tokens = self._tokens
        if tokens is None:
            raise NotSignedIn("unauthorized", "Sign in first.", 401)
        good = self._age(tokens) < tokens.life
        if self._age(tokens) < tokens.life * RENEW_AT or (good and self._failed_within(RENEW_RETRY)):
            return tokens.access
        try:
            return await self.renew(tokens.access)
        except (Unreachable, DiskFull, Unavailable):
            if self._age(tokens) < tokens.life:
                return tokens.access
            raise

    async def renew(self, used: str) -> str:
        """A token newer than `used`; many may ask, one request is made, and its failure is everybody's for a moment.
        Raises NotSignedIn once the session is over, Unreachable, and DiskFull where the new one cannot be kept."""
        async with self._renewing:
            tokens = self._tokens
            if tokens is None:
                raise NotSignedIn("unauthorized", "Sign in first.", 401)
            if tokens.access != used:
                return tokens.access
            failed = self._failed_within(BREATHER)
            if failed is not None:
                raise failed.with_traceback(None)
            try:
                answer = await self._newer(tokens)
            except Unreachable as error:
                self._in_vain = (self._clock.steady(), error)
                raise
            self._require_same(tokens)
            if self.me is None or answer.user.id != self.me.user_id:
                raise self._ended("the new tokens are another person's")
            self._become(self.me, self._tokens_of(answer))
            return answer.access_token

    async def authorised(self, call: Callable[[str], Awaitable[T]]) -> T:
        """`call` with a token, once more with a newer one where the first is not taken. Raises NotSignedIn where
        somebody else, or nobody, has signed in meanwhile: what one person asks never goes out in another's name, and
        what they are answered is not another's to hear."""
        me = self.me
        token = await self.token()
        self._require_me(me)
        try:
            answer = await call(token)
        except NotSignedIn:
            self._require_me(me)
            token = await self.renew(token)
            self._require_me(me)
            answer = await call(token)
        self._require_me(me)
        return answer

    def try_again(self) -> None:
        """The network may be another one: an earlier failure says nothing any more."""
        self._in_vain = None

    async def keep_fresh(self) -> None:
        """Renews in time, so that nobody has to wait for it."""
        while True:
            tokens = self._tokens
            due = None if tokens is None else max(1.0, tokens.life * RENEW_AT - self._age(tokens))
            if await self._stir.wait(due) or tokens is None:
                continue
            try:
                await self.renew(tokens.access)
            except Unreachable as error:
                wait = error.retry_after if isinstance(error, Busy) else None
                await asyncio.sleep(wait or RENEW_RETRY)
            except NotSignedIn:
                log.info("session ended")
            except (DiskFull, Unavailable) as error:
                log.warning("new tokens cannot be kept", why=str(error))
                await asyncio.sleep(RENEW_RETRY)

    def refresh_me(self, user: dict[str, Any], token: str) -> None:
        """What the server says now of the person whose `token` that is. Raises NotSignedIn where that is somebody else
        than whoever is signed in here: nothing of the one may go out in the name of the other."""
        if self.me is None or user.get("id", self.me.user_id) != self.me.user_id:
            if self._tokens is not None and self._tokens.access == token:
                raise self._ended("the token is another person's")
            raise NotSignedIn("unauthorized", "Sign in first.", 401)
        described = {**msgspec.to_builtins(self.me), **{key: user[key] for key in _TOLD if key in user}}
        me = msgspec.convert(described, Me)
        if me != self.me:
            self._become(me, self._tokens)
            self._changes.session_changed(me)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _age(self, tokens: Tokens) -> float:
        """A clock set back makes no token younger than new."""
        return max(0.0, self._clock.wall() - tokens.taken_at)

    def _failed_within(self, seconds: float) -> Unreachable | None:
        at, error = self._in_vain or (0.0, None)
        return error if self._clock.steady() - at < seconds else None

    def _tokens_of(self, answer: SignInAnswer) -> Tokens:
        return Tokens(answer.access_token, answer.refresh_token, self._clock.wall(), answer.expires_in)

    def _enter(self, answer: SignInAnswer) -> None:
        me = _me_of(answer)
        self._become(me, self._tokens_of(answer))
        self._changes.session_changed(me)

    def _become(self, me: Me | None, tokens: Tokens | None) -> None:
        """First on disk, at once, then here: where the disk is full nothing has changed, neither there nor here."""
        self._saved.write(me, tokens)
        was, self._tokens = self._tokens, tokens
        self.me = me
        self._outbox.author_id = me.user_id if me else ""
        if tokens is not was:
            self._in_vain = None
            self._stir()
            if tokens is not None:
                self.renewed()

    def _ended(self, why: str) -> NotSignedIn:
        """Forgets the tokens; the person stays, and sees what is here."""
        log.info("session over", why=why)
        self._become(self.me, None)
        self._changes.session_changed(self.me)
        return NotSignedIn("unauthorized", "The session has ended. Sign in again.", 401)

    def _require_same(self, tokens: Tokens) -> None:
        """After a wait: whoever asked may have signed out, and somebody else in."""
        if self._tokens is not tokens:
            raise NotSignedIn("unauthorized", "Sign in first.", 401)

    def _require_me(self, me: Me | None) -> None:
        if (self.me and self.me.user_id) != (me and me.user_id):
            raise NotSignedIn("unauthorized", "Sign in first.", 401)

    async def _newer(self, tokens: Tokens) -> SignInAnswer:
        """Raises Unreachable for all that does not end the session, and NotSignedIn."""
        try:
            return await self._http.refresh(tokens.refresh)
        except (Refused, ContractBroken) as error:
            if not isinstance(error, Refused) or error.code not in SESSION_OVER:
                raise Unreachable(f"Not renewed: {error}") from error
            self._require_same(tokens)
            return await self._start_anew(error, tokens)

    async def _start_anew(self, error: Refused, tokens: Tokens) -> SignInAnswer:
        """The refresh token is not taken any more: with the settings' password a new session, else it is over. It may
        be that a copy of this profile, on a machine like this one, has used it up: from the next start on they are two
        devices."""
        self._outbox.facts.renew_device()
        if self.may_sign_in_alone and self.me is not None and self.me.email == self._config.email:
            try:
                return await self._http.sign_in(self._config.email or "", self._config.password or "")
            except Refused as refusal:
                log.info("the settings' password is not taken", code=refusal.code)
            except ContractBroken as broken:
                raise Unreachable(f"Not signed in anew: {broken}") from broken
            self._require_same(tokens)
        raise self._ended("the server does not take the refresh token") from error


def _me_of(answer: SignInAnswer) -> Me:
    user = answer.user
    try:
        return msgspec.convert(
            {
                "user_id": user.id,
                "name": user.user_metadata.get("name") or user.email or "",
                "role": user.app_metadata.get("role") or user.role,
                "email": user.email or "",
                "lang": user.user_metadata.get("lang") or "en",
                "departments": user.app_metadata.get("departments") or [],
            },
            Me,
        )
    except msgspec.ValidationError as error:
        raise ContractBroken(f"user: {error}") from error
