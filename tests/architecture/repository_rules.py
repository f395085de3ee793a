"""House rules about everything that is not code: licences, links, and nothing of the machine it was written on."""

import re
from pathlib import PurePosixPath

from tests.architecture.sources import Checkout

_BUNDLED = {".ttf", ".otf", ".ttc", ".woff", ".woff2", ".svg", ".wav", ".ogg", ".mp3"}
OWN_DRAWINGS = {"resources/web/icon.svg"}
_LICENCE = re.compile(r"(licen[cs]e|ofl|copying)", re.IGNORECASE)
_MACHINE = re.compile(
    r"(?<![\w.:/}])/(?:root|work|home/[a-z]\w*|Users/\w+|opt/pypi\S*)/\S*"
    r"|\b(?:index-url|find-links|trusted-host)\b\s*=\s*\S+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:internal|corp|intra)\b(?!\()"
    r"|\b(?:artifactory|jfrog|codeartifact|verdaccio|sonatype)\b",
    re.IGNORECASE,
)
_REGISTRIES = re.compile(r'(?:registry|url) = "https?://(?!pypi\.org/|files\.pythonhosted\.org/)([^/"]+)')
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)[^)]*\)|!\[[^\]]*\]\(([^)#\s]+)[^)]*\)|<img[^>]+src=\"([^\"]+)\"")


def bundled_files_carry_their_licence(checkout: Checkout) -> list[str]:
    """A font, icon or sound lies beside a licence file, or below one."""
    licensed = {str(PurePosixPath(path).parent) for path in checkout.paths if _LICENCE.search(PurePosixPath(path).name)}
    licensed.discard(".")
    return [
        f"{path}:1: put its licence beside it"
        for path in checkout.paths
        if path.startswith("resources/") and PurePosixPath(path).suffix in _BUNDLED and path not in OWN_DRAWINGS
        if not licensed & {str(parent) for parent in PurePosixPath(path).parents}
    ]


def nothing_names_the_machine(checkout: Checkout) -> list[str]:
    return [
        f"{where}:{text.count(chr(10), 0, found.start()) + 1}: '{found.group()}' is of one machine; leave it out"
        for where, text in checkout.texts
        if where != "tests/architecture/repository_rules.py"
        for found in _MACHINE.finditer(text)
    ]


def the_lock_names_public_registries_only(checkout: Checkout) -> list[str]:
    lock = checkout.root / "uv.lock"
    text = lock.read_text(encoding="utf-8") if lock.exists() else ""
    return [
        f"uv.lock:{text.count(chr(10), 0, found.start()) + 1}: locked against another index than the public one"
        for found in _REGISTRIES.finditer(text)
    ]


def links_lead_somewhere(checkout: Checkout) -> list[str]:
    complaints = []
    for where, text in checkout.texts:
        if not where.endswith(".md"):
            continue
        for found in _LINK.finditer(text):
            target = next(group for group in found.groups() if group)
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (checkout.root / PurePosixPath(where).parent / target).exists():
                line = text.count("\n", 0, found.start()) + 1
                complaints.append(f"{where}:{line}: nothing is at {target}")
    return complaints


REPOSITORY_RULES = (
    bundled_files_carry_their_licence,
    nothing_names_the_machine,
    the_lock_names_public_registries_only,
    links_lead_somewhere,
)
