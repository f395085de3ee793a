"""A person and a session as GoTrue writes them."""

from typing import Any

from server.access.accounts import Person
from server.access.sign_in import SignedIn
from server.doors.supabase.auth_shapes import AuthSession, AuthUser


def auth_user(person: Person) -> AuthUser:
    actor = person.actor
    provided = {} if person.email is None else {"provider": "email", "providers": ["email"]}
    return AuthUser(
        id=actor.user_id,
        email=person.email,
        app_metadata={**provided, "role": actor.role, "departments": list(actor.departments)},
        user_metadata={"name": actor.name, "lang": actor.lang},
        created_at=person.created_at,
        updated_at=person.created_at,
        identities=_identities(person),
        is_anonymous=person.email is None,
    )


def auth_session(signed_in: SignedIn) -> AuthSession:
    return AuthSession(
        access_token=signed_in.access_token,
        token_type="bearer",  # noqa: S106  (a word of the protocol)
        expires_in=signed_in.expires_in,
        expires_at=signed_in.expires_at,
        refresh_token=signed_in.refresh_token,
        user=auth_user(signed_in.person),
    )


def _identities(person: Person) -> list[dict[str, Any]]:
    """Apps take an account without any for one that somebody else has: so GoTrue hides that an address is taken."""
    if person.email is None:
        return []
    user_id = person.actor.user_id
    return [
        {
            "identity_id": user_id,
            "id": user_id,
            "user_id": user_id,
            "provider": "email",
            "email": person.email,
            "identity_data": {"sub": user_id, "email": person.email, "email_verified": False},
            "created_at": person.created_at,
            "updated_at": person.created_at,
        }
    ]
