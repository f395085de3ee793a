"""Sign-in as GoTrue speaks it, so that supabase-js and our own clients share one door (reference on its wire, 3)."""

from typing import Any

import msgspec


class TokenRequest(msgspec.Struct, frozen=True):
    """Body of POST /auth/v1/token. Which fields count is the query's `grant_type` to say; others are ignored, as
    supabase-js sends some of its own."""

    email: str | None = None
    password: str | None = None
    refresh_token: str | None = None
    link_token: str | None = None


class SignUpRequest(msgspec.Struct, frozen=True):
    """Body of POST /auth/v1/signup. Without `email`: somebody without an account. Other fields are ignored, and so is
    what `data` has besides `name` (or `full_name`, `display_name`) and `lang`."""

    email: str | None = None
    password: str | None = None
    phone: str | None = None
    data: dict[str, Any] | None = None


class UserRequest(msgspec.Struct, frozen=True):
    """Body of PUT /auth/v1/user: what is to change. Other fields are ignored as above."""

    email: str | None = None
    password: str | None = None
    phone: str | None = None
    data: dict[str, Any] | None = None


class AuthUser(msgspec.Struct, frozen=True):
    """A person as GoTrue describes one. `role` is the database role there, and the same for everyone; the person's
    role with us is in `app_metadata`."""

    id: str
    email: str | None
    app_metadata: dict[str, Any]
    """{provider, providers, role, departments}; the first two only for those with an address."""
    user_metadata: dict[str, Any]
    """{name, lang}."""
    created_at: str
    updated_at: str
    aud: str = "authenticated"
    role: str = "authenticated"
    phone: str = ""
    identities: list[dict[str, Any]] = msgspec.field(default_factory=list)
    is_anonymous: bool = False


class AuthSession(msgspec.Struct, frozen=True):
    access_token: str
    token_type: str
    expires_in: int
    """Seconds."""
    expires_at: int
    """Seconds since 1970."""
    refresh_token: str
    """Good for one use."""
    user: AuthUser


class WeakPassword(msgspec.Struct, frozen=True):
    """What supabase-js makes its AuthWeakPasswordError of."""

    reasons: list[str]
    """`length`, `characters`."""


class AuthError(msgspec.Struct, frozen=True):
    """A refusal under /auth/v1: our own form, and GoTrue's as clients read it that are told no version of its API:
    `error_code` in its words, `msg`."""

    code: str
    message: str
    error_code: str
    msg: str
    details: Any = None
    weak_password: WeakPassword | None = None


class AuthSettings(msgspec.Struct, frozen=True):
    """What sign-in is offered."""

    external: dict[str, bool]
    """{email, phone, anonymous_users}."""
    disable_signup: bool
    mailer_autoconfirm: bool = True
    phone_autoconfirm: bool = False
    sms_provider: str = ""
    saml_enabled: bool = False


class AuthHealth(msgspec.Struct, frozen=True):
    name: str
    version: str
    description: str
