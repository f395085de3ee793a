"""The page's files, read once and named by their content, so that browsers keep them for ever and never a stale one."""

import hashlib
from pathlib import Path

import msgspec

FOREVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
"""Whatever ends otherwise is not served."""


class PageFile(msgspec.Struct, frozen=True):
    content: bytes
    media_type: str
    etag: str
    cache_control: str


class PageFiles:
    """`/web/{version}/{name}` may be kept for ever, `/web/{name}` is asked for again each time. The document's
    own references are to the first; scripts import each other relatively and so stay within one version."""

    def __init__(self, folder: Path) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in _TYPES)
        contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        document = (folder / "index.html").read_bytes()
        self.version = _digest(b"".join(name.encode() + content for name, content in contents.items()))
        self.document = document.replace(b'"/web/', f'"/web/{self.version}/'.encode())
        self._files = {
            name: PageFile(content, _TYPES[Path(name).suffix], f'"{_digest(content)}"', ASK_FIRST)
            for name, content in contents.items()
        }

    def find(self, path: str) -> PageFile | None:
        """The file at `path` below `/web/`, or None."""
        versioned = path.startswith(f"{self.version}/")
        found = self._files.get(path.removeprefix(f"{self.version}/"))
        return msgspec.structs.replace(found, cache_control=FOREVER) if found and versioned else found


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
