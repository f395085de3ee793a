"""The same server as existing apps meet it: sockets that have subscribed to rows in Supabase's form."""

import json

from tests.bench.contestants.fieldline import Fieldline
from tests.bench.load_client import Client
from tests.bench.shapes import Shape

BINDING = {"event": "INSERT", "schema": "public", "table": "messages"}


class SupabaseApps(Fieldline):
    """Publishers speak our own protocol, as the desk does; everybody else is a supabase-js app with a token of its own
    and one channel, bound to new messages without a filter: whose rows it gets is the visibility rule's to say."""

    name = "Fieldline, postgres_changes"

    def clients(self, shape: Shape) -> list[Client]:
        ours = super().clients(shape)[: shape.publishers]
        apps = [
            Client("app", (), (('"Subscribed to PostgreSQL"', self._join(self.town.tokens[person])),))
            for person in shape.sockets[shape.publishers :]
        ]
        return ours + apps

    def _join(self, token: str) -> str:
        config = {"broadcast": {}, "presence": {"enabled": False}, "postgres_changes": [BINDING], "private": False}
        join = {"config": config, "access_token": token}
        return json.dumps(["1", "1", "realtime:desk", "phx_join", join], separators=(",", ":"))
