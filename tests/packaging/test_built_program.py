"""The desktop built with PyInstaller starts, passes its own test and gives away nothing that it may not."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from resources.packaging.bundle import QT_LIBRARIES

ROOT = Path(__file__).resolve().parents[2]
GPL_ONLY = {
    "Charts",
    "DataVisualization",
    "Graphs",
    "GraphsWidgets",
    "HttpServer",
    "NetworkAuth",
    "Quick3D",
    "VirtualKeyboard",
}
GPL_ONLY |= {"Lottie", "Quick3DPhysics", "QuickTimeline", "WaylandCompositor", "Mqtt", "CoAp", "ShaderTools"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """The folder that `make build` would put into dist/."""
    target = tmp_path_factory.mktemp("build")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--distpath", str(target / "dist"), "--workpath", str(target / "work"), str(ROOT / "build.spec")]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return target / "dist" / "fieldline"


def start(bundle: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs it as on a computer that has no Python and never heard of this project."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    environment |= {name: value for name, value in os.environ.items() if name == "TMPDIR"}
    command = [str(bundle / "fieldline"), *arguments]
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_that_the_built_program_passes_its_selftest(bundle, tmp_path):
    done = start(bundle, tmp_path, "--selftest")
    assert done.returncode == 0, done.stdout + done.stderr


def test_that_the_built_program_paints_its_window_with_no_server_in_reach(bundle, tmp_path):
    picture = tmp_path / "first.png"
    done = start(bundle, tmp_path, "--profile", str(tmp_path / "profile"), "--screenshot", str(picture))
    assert done.returncode == 0, done.stdout + done.stderr
    with Image.open(picture) as image:
        assert image.width >= 400
        assert len(image.convert("RGB").getcolors(maxcolors=1 << 24) or []) > 50


def test_that_the_bundle_holds_no_qt_module_that_is_under_the_gpl(bundle):
    names = [path.name for path in bundle.rglob("*")]
    modules = {
        found[1] for name in names if (found := re.match(r"libQt6(\w+)\.so|Qt(\w+)\.abi3\.so", name)) and found[1]
    }
    assert "Widgets" in modules
    assert not modules & GPL_ONLY
    assert modules <= QT_LIBRARIES
    assert not [name for name in names if "readline" in name]


def test_that_every_library_and_link_in_the_bundle_leads_somewhere(bundle):
    assert [path for path in bundle.rglob("*") if path.is_symlink() and not path.exists()] == []
    libraries = [str(path) for path in bundle.rglob("*.so*") if not path.is_symlink()]
    said = subprocess.run(["ldd", *libraries], capture_output=True, text=True, check=False).stdout
    assert [line for line in said.splitlines() if "not found" in line] == []


def test_that_the_licences_come_along(bundle):
    names = {
        path.relative_to(bundle / "_internal").as_posix()
        for path in (bundle / "_internal").rglob("*")
        if path.is_file()
    }
    assert {"licences/fieldline/LICENSE", "licences/qt/LGPL-3.txt", "licences/httpx/LICENSE.md"} <= names
    assert [name for name in names if name.startswith("resources/fonts/LICENSE")]


def test_that_the_server_and_the_tests_stay_out(bundle):
    names = {path.name for path in (bundle / "_internal").iterdir()}
    assert not names & {"server", "tests", "uvloop", "picows", "PIL", "numpy"}
