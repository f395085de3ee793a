"""`fieldline-server selftest`: says yes to a sound server, names what is wrong, and leaves no trace."""

from pathlib import Path

import pytest
import sqlcipher3

from tests.support.people_made import address, make_people
from tests.support.running_server import RunningServer, running_server
from tests.support.sync_client import Operator, message


def test_that_all_nine_checks_hold_on_a_folder_that_is_still_empty(tmp_path: Path) -> None:
    said = RunningServer(tmp_path, [], {}).command("selftest").splitlines()
    assert len(said) == 9
    assert all(line.startswith("ok ") for line in said)
    assert not (tmp_path / "data" / "fieldline.db").exists()


def test_that_a_message_that_is_gone_is_named_while_the_server_runs_on(tmp_path: Path) -> None:
    make_people(tmp_path, {"ann": ("customer", ())})
    with running_server(tmp_path) as server, Operator(server, address("ann")) as ann:
        lost = message(ann.new_booking(), "will be gone")
        ann.do(lost)
        database = sqlcipher3.connect(str(server.data_dir / "fieldline.db"))
        with database:
            database.execute("DELETE FROM messages WHERE id=?", (lost["op_id"],))
        database.close()
        with pytest.raises(AssertionError, match="FAILED No acknowledged message is missing: 1 acknowledged") as failed:
            server.command("selftest")
        assert "exit 1" in str(failed.value)
        assert str(failed.value).count("FAILED") == 1
        assert ann.http.get("/sync/v1/me").status_code == 200
        database = sqlcipher3.connect(str(server.data_dir / "fieldline.db"))
        assert database.execute("SELECT count(*) FROM profiles").fetchone() == (1,)
        database.close()
