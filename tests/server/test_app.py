"""The server as a process: starting, refusing to start, stopping, TLS, and what its log does not say."""

import signal
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from server.app import load_workflows
from tests.support.people_made import address, make_people
from tests.support.phoenix_client import PATH
from tests.support.running_server import PASSWORD, RunningServer, running_server
from tests.support.server_process import fresh, spoilt
from tests.support.sync_client import Operator, SyncClient, message


def test_that_an_idle_server_stops_at_once_and_cleanly(tmp_path: Path) -> None:
    with running_server(tmp_path, launch=fresh) as server:
        assert server.get("/healthz").json() == {"status": "ok"}
        assert server.stop(timeout=5) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_that_either_signal_drains(tmp_path: Path, number: signal.Signals) -> None:
    with running_server(tmp_path, launch=fresh) as server:
        assert server.process is not None
        server.process.send_signal(number)
        assert server.process.wait(10) == 0


def test_that_a_folder_is_served_by_one_server_only(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, pytest.raises(AssertionError, match="did not start"):
        second = RunningServer(tmp_path, [], {})
        second.log = tmp_path / "second.log"
        second.start()
    assert "Another Fieldline server is running" in second.log.read_text()
    assert server.process is None


def test_that_a_server_whose_writer_has_failed_ends_and_says_so_instead_of_refusing_for_ever(tmp_path: Path) -> None:
    make_people(tmp_path, {"ann": ("customer", ())})
    with running_server(tmp_path, launch=spoilt) as server:
        assert server.process is not None
        with Operator(server, address("ann")) as ann:
            line = message(ann.new_booking(), "hello")
            server.process.send_signal(signal.SIGUSR1)
            assert ann.post_ops(line).status_code == 503
        assert server.process.wait(20) == 1
        log = server.log.read_text()
    assert "a fault in the program" in log
    assert "Start the server again." in log


def test_that_a_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    with running_server(tmp_path / "one") as server:
        second = RunningServer(tmp_path / "two", [], {})
        second.port = server.port
        with pytest.raises(AssertionError, match=f"Cannot listen on 127.0.0.1, port {server.port}"):
            second.start()


def test_that_the_log_holds_no_token_and_no_password(tmp_path: Path) -> None:
    make_people(tmp_path, {"ann": ("customer", ())})
    with running_server(tmp_path, env={"FIELDLINE_LOG_LEVEL": "debug"}) as server:
        with Operator(server, address("ann")) as ann, SyncClient(server, ann.token) as client:
            client.enter_now()
            client.do(message(ann.new_booking(), "in confidence"))
            client.send("sync", "ops", {"ops": "malformed"})
            ann.http.get("/sync/v1/bookings/nonsense")
            httpx.post(
                f"{server.url}/auth/v1/token?grant_type=password", json={"email": "x@y.z", "password": "wrong pw"}
            )
            client.socket.send("nonsense")
            client.closing()
            session = ann.session
        server.stop()
        log = server.log.read_text()
    assert "request refused" in log
    secrets = (session["access_token"], session["refresh_token"], PASSWORD, "wrong pw", "in confidence")
    assert [secret for secret in secrets if secret in log] == []


def test_that_requests_and_sockets_are_encrypted_with_a_certificate(tmp_path: Path) -> None:
    make_people(tmp_path, {"ann": ("customer", ())})
    certificate, key = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with running_server(tmp_path, arguments=["--tls-cert", str(certificate), "--tls-key", str(key)]) as server:
        assert server.url.startswith("https://")
        answer = httpx.post(
            f"{server.url}/auth/v1/token?grant_type=password",
            json={"email": address("ann"), "password": PASSWORD},
            verify=trusting,
            timeout=20,
        )
        token = answer.json()["access_token"]
        with connect(f"wss{server.url.removeprefix('https')}{PATH}?vsn=2.0.0", ssl=trusting) as socket:
            socket.send(f'["1","1","sync","phx_join",{{"device_id":"d","access_token":"{token}"}}]')
            assert '"mode":"snapshot"' in str(socket.recv(5))
            socket.send('["1","2","sync","ops",{"device_id":"' + "x" * 100_000 + '","ops":[]}]')
            assert '"verdicts":[]' in str(socket.recv(5))
        assert server.stop() == 0


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "desk.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "cert.pem", folder / "key.pem"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


def test_that_a_wrong_setting_keeps_the_server_from_starting(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"FIELDLINE_PORT .* is 'http'; allowed: a whole number"):
        RunningServer(tmp_path, [], {"FIELDLINE_PORT": "http"}).command("run")


def test_that_sockets_beyond_the_limit_are_told_to_come_later(tmp_path: Path) -> None:
    with running_server(tmp_path, env={"FIELDLINE_MAX_SOCKETS": "1"}) as server:
        address_of_socket = f"ws{server.url.removeprefix('http')}{PATH}"
        with connect(address_of_socket), pytest.raises(InvalidStatus, match="503"), connect(address_of_socket):
            raise AssertionError("a second socket was let in")


def test_that_the_workflows_of_the_product_load() -> None:
    found = load_workflows(Path(__file__).resolve().parents[2] / "resources" / "workflows")
    assert {"protection", "techcare", "dental", "support", "chat"} <= set(found)
