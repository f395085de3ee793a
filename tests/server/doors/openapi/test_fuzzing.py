"""Whatever schemathesis makes of the document, the running server has an answer for it that is no failure."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.access.signing_key import SigningKey
from server.access.tokens import TokenIssuer
from tests.support.running_server import RunningServer, running_server

_CHECKS = Path(__file__).with_name("schemathesis.toml")
RATES = {f"FIELDLINE_RATE_{kind}": "1000000/minute" for kind in ("PUBLIC", "READ", "WRITE", "SIGN_IN_ADDRESS")}


def errors_found(server: RunningServer, token: str, folder: Path, examples: int) -> str:
    """schemathesis' report, empty when it found no answer of 500 and above, but 501 for what is not served."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CHECKS), "run", f"{server.url}/openapi.json"),
        *("--header", f"Authorization: Bearer {token}", "--checks", "not_a_server_error", "--no-color"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", str(examples), "--generation-deterministic"),
        *("--suppress-health-check", "all", "--request-timeout", "10", "--exclude-path", "/auth/v1/logout"),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    return "" if done.returncode == 0 else done.stdout[-6_000:] + done.stderr[-2_000:]


@pytest.mark.slow
@pytest.mark.parametrize(("who", "examples"), [("service", 12), ("customer@fieldline.demo", 5)])
def test_that_no_request_makes_the_server_fail(tmp_path: Path, who: str, examples: int) -> None:
    """Once with the key that gets behind every door, once as a customer. Signing out would make the rest idle."""
    with running_server(tmp_path, demo=True, env=RATES) as server:
        if who == "service":
            token = TokenIssuer(SigningKey.at(server.data_dir)).service_key()
        else:
            token = server.sign_in(who, "demo-demo")["access_token"]
        assert errors_found(server, token, tmp_path, examples) == ""
        assert '"level": "error"' not in server.log.read_text()
