"""The command line, as somebody at a shell uses it."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from contract.actors import Actor
from contract.ids import new_id
from server.__main__ import main
from server.access.signing_key import SigningKey
from server.access.standing import Standing
from server.access.tokens import TokenVerifier
from server.store.settings import StoreSettings
from server.store.store import Store
from server.store.tables import technicians
from tests.support.people_made import address, make_people
from tests.support.running_server import running_server, wait_until
from tests.support.writing_desk import WritingDesk


def fieldline_server(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def add(
    data: Path, email: str = "ann@x.example", *more: str, role: str = "agent", password: str = "pass word"
) -> Result:
    return fieldline_server(
        "user", "add", email, "--role", role, "--name", "Ann", *more, "--password-stdin", "--data", data, stdin=password
    )


def test_that_people_are_added_and_listed(tmp_path: Path) -> None:
    assert add(tmp_path, "Ann@X.example", "--department", "support", "--department", "billing").exit_code == 0
    assert add(tmp_path, "olga@x.example", role="operator").output == "Added olga@x.example as operator.\n"
    listed = fieldline_server("user", "list", "--data", tmp_path)
    assert listed.exit_code == 0
    assert listed.output.splitlines() == [
        "ann@x.example\tagent\tAnn\tsupport,billing\tactive",
        "olga@x.example\toperator\tAnn\t-\tactive",
    ]


def test_that_adding_a_known_address_changes_that_person(tmp_path: Path) -> None:
    add(tmp_path)
    assert add(tmp_path, role="admin").output == "Changed ann@x.example as admin.\n"
    assert fieldline_server("user", "list", "--data", tmp_path).output.count("\n") == 1


def test_that_a_person_set_anew_is_signed_out_of_the_running_server(tmp_path: Path) -> None:
    make_people(tmp_path, {"ann": ("agent", ())})
    with running_server(tmp_path) as server, server.client(address("ann")) as ann:
        assert ann.get("/sync/v1/me").status_code == 200
        anew = ("--role", "agent", "--name", "Ann", "--password-stdin")
        server.command("user", "add", address("ann"), *anew, stdin="another password")
        wait_until(lambda: ann.get("/sync/v1/me").status_code == 401)


def test_that_a_technician_is_verified_and_that_is_taken_back(tmp_path: Path) -> None:
    add(tmp_path, "tom@x.example", role="technician")
    add(tmp_path)
    for more, said in (((), "is verified"), (("--withdraw",), "is not verified")):
        told = fieldline_server("user", "verify", "tom@x.example", *more, "--data", tmp_path)
        assert told.output == f"tom@x.example {said}.\n"
        with WritingDesk(tmp_path) as desk:
            assert [row["is_verified"] for row in desk.rows(technicians)] == [not more]
    for nobody in ("ann@x.example", "eve@x.example"):
        refused = fieldline_server("user", "verify", nobody, "--data", tmp_path)
        assert refused.exit_code == 1
        assert "There is no active person" in refused.output


def test_that_people_can_be_added_while_the_server_runs(tmp_path: Path) -> None:
    store = Store.open(StoreSettings(tmp_path))
    try:
        assert add(tmp_path).exit_code == 0
    finally:
        store.close()
    assert "ann@x.example" in fieldline_server("user", "list", "--data", tmp_path).output


@pytest.mark.parametrize(
    "given",
    [
        {"email": "nobody"},
        {"role": "king"},
        {"role": "service"},
        {"password": ""},
        {"password": "x" * 1001},
    ],
)
def test_that_impossible_people_are_refused_in_a_sentence(tmp_path: Path, given: dict[str, str]) -> None:
    email = given.pop("email", "ann@x.example")
    refused = add(tmp_path, email, **given)
    assert refused.exit_code in (1, 2)
    assert "Error: " in refused.output
    assert "Traceback" not in refused.output


def test_that_the_two_keys_are_printed_and_are_what_they_say(tmp_path: Path) -> None:
    printed = dict(line.split(": ") for line in fieldline_server("keys", "--data", tmp_path).output.splitlines())
    assert list(printed) == ["anon", "service"]
    verifier = TokenVerifier(SigningKey.at(tmp_path), Standing())
    assert verifier.is_anon_key(printed["anon"])
    assert verifier.verify(printed["service"]).actor.role == "service"


def test_that_a_backup_comes_back(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "backup.db"
    add(data)
    backed_up = fieldline_server("backup", file, "--data", data)
    assert backed_up.exit_code == 0
    assert backed_up.output.startswith(f"Backed up to {file}, up to change 1. ")
    add(data, "bea@x.example")
    restored = fieldline_server("restore", file, "--data", data)
    assert restored.exit_code == 0
    assert restored.output.startswith(f"Restored {file}. The database that was there is now ")
    assert "bea" not in fieldline_server("user", "list", "--data", data).output


def test_that_a_backup_leaves_the_key_out_and_a_restore_without_one_says_what_that_means(tmp_path: Path) -> None:
    data, elsewhere, file = tmp_path / "data", tmp_path / "elsewhere", tmp_path / "backup.db"
    add(data)
    key = SigningKey.at(data)
    assert str(data / "signing_key.pem") in fieldline_server("backup", file, "--data", data).output
    assert (data / "signing_key.pem").read_bytes().splitlines()[1] not in file.read_bytes()
    assert "API keys" not in fieldline_server("restore", file, "--data", data).output
    assert "API keys" in fieldline_server("restore", file, "--data", elsewhere).output
    shutil.copy(data / "signing_key.pem", elsewhere)
    assert "API keys" not in fieldline_server("restore", file, "--data", elsewhere).output
    assert SigningKey.at(elsewhere).key_id == key.key_id


def test_that_a_restore_beside_a_running_server_is_refused(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "backup.db"
    add(data)
    fieldline_server("backup", file, "--data", data)
    store = Store.open(StoreSettings(data))
    try:
        refused = fieldline_server("restore", file, "--data", data)
    finally:
        store.close()
    assert refused.exit_code == 1
    assert "Stop it first" in refused.output


def test_that_a_link_leads_to_the_booking_by_code(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.booking(Actor(new_id(), "operator", "Olga"), code="REQ4711")
    made = fieldline_server("link", "req4711", "--url", "https://desk.example/", "--data", tmp_path)
    assert made.exit_code == 0
    assert made.output.startswith("https://desk.example/c/")
    assert fieldline_server("link", "REQ9999", "--data", tmp_path).exit_code == 1


def test_that_a_database_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "fieldline.db").write_bytes(b"notes" * 2000)
    refused = fieldline_server("user", "list", "--data", tmp_path)
    assert refused.exit_code == 1
    assert "not a Fieldline database" in refused.output


def test_that_a_command_that_fails_writes_nothing(tmp_path: Path) -> None:
    add(tmp_path)
    fieldline_server("link", "REQ9999", "--data", tmp_path)
    with sqlite3.connect(tmp_path / "fieldline.db") as database:
        assert database.execute("SELECT count(*) FROM booking_links").fetchone() == (0,)
    database.close()
