"""Marks one's own notification as read (C-22)."""

import sqlalchemy as sa

from contract.operations import ReadNotification
from server.actions.asked import NOTHING_TO_DO, Asked, Judged, Rejection, checked_name
from server.store.tables import notifications


def read_notification(asked: Asked) -> Judged:
    """What is read stays read; again is a noop."""
    payload: ReadNotification = asked.payload
    notification_id = checked_name("payload.notification_id", payload.notification_id).lower()
    own = sa.and_(notifications.c.id == notification_id, notifications.c.user_id == asked.actor.user_id)
    found = asked.tx.one(sa.select(notifications.c.is_read).where(own))
    if found is None:
        raise Rejection("notification_not_found")
    if found["is_read"]:
        return NOTHING_TO_DO

    def write() -> None:
        values = {"is_read": True, "read_at": asked.tx.now, "op_id": asked.operation.op_id}
        asked.tx.execute(sa.update(notifications).where(own).values(**values))

    return Judged("applied", write)
