"""Says that a technician is who they say, or takes it back: only verified ones may bid (C-20)."""

import sqlalchemy as sa

from contract.operations import VerifyTechnician
from server.actions.asked import NOTHING_TO_DO, Asked, Judged, Rejection, checked_name
from server.store.tables import technicians


def verify_technician(asked: Asked) -> Judged:
    """What stands already is a noop."""
    payload: VerifyTechnician = asked.payload
    asked.require("technician.verify")
    technician_id = checked_name("payload.technician_id", payload.technician_id).lower()
    this_one = technicians.c.id == technician_id
    found = asked.tx.one(sa.select(technicians).where(this_one))
    if found is None:
        raise Rejection("user_not_found", {"technician_id": technician_id})
    if found["is_verified"] == payload.is_verified:
        return NOTHING_TO_DO

    def write() -> None:
        values = {"is_verified": payload.is_verified, "updated_at": asked.tx.now, "op_id": asked.operation.op_id}
        asked.tx.execute(sa.update(technicians).where(this_one).values(**values))

    return Judged("applied", write)
