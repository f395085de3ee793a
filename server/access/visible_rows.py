"""Who may see what, as SQL, for snapshots, pulls and queries: the same rule as `visibility`, proven equal by a test."""

from collections.abc import Mapping

import sqlalchemy as sa

from contract.actors import DESK, PROVIDERS, SEES_ALL, STAFF, Actor
from contract.permissions import Sight
from contract.workflow import Workflow
from server.access.marketplace import open_jobs
from server.store.tables import bids, bookings, messages, notifications, profiles, receipts, status_history, technicians

HEARS_BIDS = DESK | {"customer"}
"""Roles that see all bids on a booking whose row they see; technicians see their own, wherever."""
Condition = sa.ColumnElement[bool]


class VisibleRows:
    """Conditions to put into a WHERE. They hold for the published tables; of any other table nothing is visible."""

    def __init__(self, workflows: Mapping[str, Workflow]) -> None:
        self._open_jobs = open_jobs(workflows)

    def bookings_filter(self, actor: Actor, at_least: Sight = Sight.REDACTED) -> Condition:
        """Bookings of which the actor has that much sight."""
        if actor.role in SEES_ALL:
            return sa.true()
        if actor.role == "agent":
            return _of_agent(actor, at_least)
        if actor.role == "customer":
            return bookings.c.customer_id == actor.user_id
        if actor.role == "chatbot":
            return bookings.c.created_by == actor.user_id
        if actor.role in PROVIDERS:
            own = bookings.c.provider_id == actor.user_id
            if actor.role == "technician" and at_least <= Sight.REDACTED:
                return sa.or_(own, self._offered())
            return own
        return sa.false()

    def rows_filter(self, actor: Actor, table: sa.Table) -> Condition:
        """Rows of a table that may go to this actor."""
        if table is bookings:
            return self.bookings_filter(actor)
        if table is profiles:
            return _profiles(actor)
        if table is notifications:
            return notifications.c.user_id == actor.user_id
        if table is technicians:
            return sa.true() if actor.role in DESK else sa.or_(table.c.is_verified, table.c.id == actor.user_id)
        if table is bids:
            return self._bids(actor)
        if table is status_history:
            return self._of_bookings(actor, table, Sight.ROW)
        if table is receipts:
            return self._of_bookings(actor, table, Sight.FULL)
        if table is messages:
            seen = self._of_bookings(actor, table, Sight.FULL)
            return seen if actor.role in STAFF else sa.and_(seen, messages.c.kind != "note")
        return sa.false()

    def _bids(self, actor: Actor) -> Condition:
        if actor.role == "technician":
            return bids.c.technician_id == actor.user_id
        return self._of_bookings(actor, bids, Sight.ROW) if actor.role in HEARS_BIDS else sa.false()

    def _of_bookings(self, actor: Actor, table: sa.Table, at_least: Sight) -> Condition:
        if actor.role in SEES_ALL:
            return sa.true()
        seen = sa.select(bookings.c.id).where(self.bookings_filter(actor, at_least))
        return table.c.booking_id.in_(seen)

    def _offered(self) -> Condition:
        """Jobs on the marketplace."""
        offered = [
            sa.and_(bookings.c.workflow == name, bookings.c.status == first) for name, first in self._open_jobs.items()
        ]
        return sa.and_(bookings.c.provider_id.is_(None), sa.or_(sa.false(), *offered))


def _of_agent(actor: Actor, at_least: Sight) -> Condition:
    mine = bookings.c.assignee_id == actor.user_id
    if not actor.departments:
        return mine
    of_my_department = bookings.c.department.in_(actor.departments)
    if at_least == Sight.FULL:
        return sa.or_(mine, sa.and_(of_my_department, bookings.c.assignee_id.is_(None)))
    return sa.or_(mine, of_my_department)


def _profiles(actor: Actor) -> Condition:
    if actor.role in DESK:
        return sa.true()
    own = profiles.c.id == actor.user_id
    return sa.or_(own, profiles.c.role.in_(sorted(STAFF))) if actor.role in PROVIDERS else own
