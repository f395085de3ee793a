"""A technician is verified by the desk's operators and administrators, and by nobody else."""

from pathlib import Path

import pytest

from contract.actors import ROLES, Actor, Role
from contract.ids import new_id
from contract.operations import VerifyTechnician
from contract.permissions import may
from server.store.tables import technicians
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")


def test_that_an_operator_verifies_a_technician_and_takes_it_back(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        tom = desk.person("technician", "Tom")
        for verified in (True, False):
            told = desk.do(OLGA, "technician.verify", VerifyTechnician(tom.user_id.upper(), verified))
            (row,) = desk.rows(technicians)
            assert (told.verdict, row["is_verified"], row["op_id"]) == ("applied", verified, told.op_id)
            assert desk.do(OLGA, "technician.verify", VerifyTechnician(tom.user_id, verified)).verdict == "noop"
        lines = [change for change in desk.changes() if change.table == "technicians"]
        assert [(line.op, line.booking_id) for line in lines] == [("insert", None), ("update", None), ("update", None)]


@pytest.mark.sqlite
@pytest.mark.parametrize("role", ROLES)
def test_that_only_those_who_may_verify(tmp_path: Path, role: Role) -> None:
    with WritingDesk(tmp_path) as desk:
        me = desk.person("technician", "Tom") if role == "technician" else Actor(new_id(), role, "Somebody")
        tom = me if role == "technician" else desk.person("technician", "Tom")
        verdict = desk.do(me, "technician.verify", VerifyTechnician(tom.user_id))
        allowed = may(role, "technician.verify")
        assert (verdict.code or verdict.verdict) == ("applied" if allowed else "forbidden")
        assert desk.rows(technicians)[0]["is_verified"] == allowed


def test_that_who_is_no_technician_cannot_be_verified(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        for nobody in (ann.user_id, new_id(), "Tom"):
            assert desk.do(OLGA, "technician.verify", VerifyTechnician(nobody)).code == "user_not_found"
