"""What goes into the built desktop and what stays out; build.spec asks, tests/packaging looks at the outcome."""

import re
from collections.abc import Callable, Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement

Entry = tuple[str, str, str]
"""PyInstaller's: destination in the bundle, source (of a SYMLINK: where it points), kind."""

RESOURCES = ("workflows", "icons", "fonts", "style", "translations", "sounds")
"""Folders of resources/ that the desktop opens; the customer page is the server's."""

QT_LIBRARIES = {
    "Core",
    "Gui",
    "Widgets",
    "Network",
    "Svg",
    "DBus",
    "OpenGL",
    "XcbQpa",
    "WaylandClient",
    "WlShellIntegration",
}
"""LGPL all. What Qt offers besides is unused here, or GPL-only (Charts, Graphs, VirtualKeyboard, HttpServer, …)."""

QT_PLUGINS = {
    "platforms": ("libqxcb", "libqoffscreen", "libqwayland"),
    "platforminputcontexts": ("libcomposeplatforminputcontextplugin", "libibusplatforminputcontextplugin"),
    "platformthemes": ("libqxdgdesktopportal",),
    "xcbglintegrations": ("libqxcb",),
    "wayland-shell-integration": ("libxdg-shell",),
    "wayland-decoration-client": ("libbradient",),
    "wayland-graphics-integration-client": ("libqt-plugin-wayland-egl",),
    "iconengines": ("libqsvgicon",),
    "imageformats": ("libqsvg", "libqjpeg", "libqgif", "libqico"),
    "tls": ("libqopensslbackend", "libqcertonlybackend"),
    "networkinformation": ("libqnetworkmanager",),
}

EXCLUDED = [
    *("server", "tests", "demo", "pytest", "hypothesis", "unittest.mock", "test", "pip", "setuptools", "tkinter"),
    *("IPython", "numpy", "PIL", "uvloop", "werkzeug", "readline"),
]
"""Development's own, what somebody else's try-import drags in, and GNU readline, which is under the GPL."""

_LOADED = {"BINARY", "EXTENSION"}
_OF_THE_TARGET = re.compile(
    r"lib(X\w+|xcb[\w-]*|xkb\w+|EGL|GL\w*|OpenGL|drm|gbm|fontconfig|freetype|glib|gobject|gio|gmodule|gthread|dbus|wayland"
    r"|systemd|udev|mount|blkid|selinux|stdc\+\+|gcc_s|pcre2?|png16|brotli\w*|gssapi\w*|krb5\w*|k5crypto|com_err|keyutils)[-.\d]"
)
"""Libraries that must be the target's own: those that talk to its display, its fonts, its bus."""


def belongs(entry: Entry) -> bool:
    """Whether a collected file is needed on the target and may be given away."""
    place = PurePosixPath(entry[0])
    if "Qt" in place.parts and "plugins" in place.parts:
        return place.name.startswith(QT_PLUGINS.get(place.parent.name, ("-",)))
    if found := re.match(r"libQt6(\w+)\.so", place.name):
        return found[1] in QT_LIBRARIES
    if "PySide6" in place.parts and place.parts[-2:-1] == ("translations",):
        return place.name.startswith(("qtbase_ar", "qtbase_en"))
    if "PySide6" in place.parts and "qml" in place.parts:
        return False
    return not _OF_THE_TARGET.match(place.name)


def kept(entries: Iterable[Entry], needs: Callable[[str], Iterable[str]]) -> list[Entry]:
    """What belongs, without the system's libraries that only the rest needed, and without links to what stays out
    (PyInstaller would leave them dangling). `needs` gives the names of the libraries that a binary itself loads."""
    chosen = [entry for entry in entries if belongs(entry)]
    needed: set[str] = set()
    waiting = [entry for entry in chosen if entry[2] in _LOADED and not _is_of_the_system(entry)]
    while waiting:
        found = set(needs(waiting.pop()[1])) - needed
        needed |= found
        waiting += [entry for entry in chosen if entry[0] in found and _is_of_the_system(entry)]
    chosen = [entry for entry in chosen if not _is_of_the_system(entry) or entry[0] in needed]
    places = {entry[0] for entry in chosen}
    return [entry for entry in chosen if entry[2] != "SYMLINK" or _pointed_to(entry) in places]


def _is_of_the_system(entry: Entry) -> bool:
    """PyInstaller lays the build machine's own libraries beside the program, with no folder of a package."""
    return entry[2] == "BINARY" and "/" not in entry[0] and not entry[0].startswith("libpython")


def _pointed_to(link: Entry) -> str:
    parts: list[str] = []
    for part in (*PurePosixPath(link[0]).parent.parts, *PurePosixPath(link[1]).parts):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def data_files(root: Path) -> list[tuple[str, str]]:
    """(source, folder in the bundle) of the resources, and of every licence that asks to come along."""
    folders = [
        (str(root / "resources" / name), f"resources/{name}")
        for name in RESOURCES
        if (root / "resources" / name).is_dir()
    ]
    own = [
        (str(root / "LICENSE"), "licences/fieldline"),
        (str(root / "resources" / "packaging" / "licences"), "licences/qt"),
    ]
    return [*folders, *own, *licences("fieldline")]


def licences(project: str) -> list[tuple[str, str]]:
    """(source, folder) of the licence texts of everything `project` needs at run time."""
    return [
        (str(found.locate_file(file)), f"licences/{found.metadata['Name']}")
        for found in _needed(project)
        for file in found.files or ()
        if re.match(r"(licen[cs]e|copying|notice|authors)", file.name, re.IGNORECASE)
        and not file.name.endswith((".py", ".pyc"))
    ]


def _needed(project: str) -> list[Distribution]:
    found: dict[str, Distribution] = {}
    waiting = [project]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # a requirement of another platform
        requirements = [Requirement(text) for text in found[name].requires or ()]
        waiting += [each.name for each in requirements if each.marker is None or each.marker.evaluate({"extra": ""})]
    return [found[name] for name in sorted(found) if name != project]
