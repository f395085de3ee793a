"""What goes into the built desktop: chosen by name, closed under what it loads, with no link into nothing."""

from resources.packaging.bundle import belongs, kept, licences

QT = "PySide6/Qt/lib"


def test_that_qt_libraries_and_plugins_come_along_by_name_only():
    assert belongs((f"{QT}/libQt6Widgets.so.6", "/x", "BINARY"))
    assert not belongs((f"{QT}/libQt6Charts.so.6", "/x", "BINARY"))
    assert belongs(("PySide6/Qt/plugins/platforms/libqxcb.so", "/x", "BINARY"))
    assert not belongs(("PySide6/Qt/plugins/platforms/libqvnc.so", "/x", "BINARY"))
    assert not belongs(("PySide6/Qt/plugins/platformthemes/libqgtk3.so", "/x", "BINARY"))
    assert not belongs(("PySide6/Qt/qml/QtQuick/qmldir", "/x", "DATA"))


def test_that_the_display_the_fonts_and_the_bus_stay_the_targets_own():
    for name in (
        "libX11.so.6",
        "libxcb-cursor.so.0",
        "libfontconfig.so.1",
        "libglib-2.0.so.0",
        "libdbus-1.so.3",
        "libGL.so.1",
    ):
        assert not belongs((name, "/x", "BINARY"))
    for name in ("libssl.so.3", "libpython3.11.so.1.0", "libffi.so.8"):
        assert belongs((name, "/x", "BINARY"))


def test_that_a_link_to_what_stays_out_stays_out():
    entries = [
        ("libQt6Charts.so.6", f"{QT}/libQt6Charts.so.6", "SYMLINK"),
        (f"{QT}/libQt6Charts.so.6", "/x/libQt6Charts.so.6", "BINARY"),
        ("libQt6Core.so.6", f"{QT}/libQt6Core.so.6", "SYMLINK"),
        (f"{QT}/libQt6Core.so.6", "/x/libQt6Core.so.6", "BINARY"),
        ("PySide6/libicu.so", "../PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
    ]
    assert [entry[0] for entry in kept(entries, needs=lambda binary: [])] == [
        "libQt6Core.so.6",
        f"{QT}/libQt6Core.so.6",
        "PySide6/libicu.so",
    ]


def test_that_a_system_library_comes_along_only_for_those_that_load_it():
    loads = {"/x/_ssl.so": ["libssl.so.3"], "/x/libssl.so.3": ["libcrypto.so.3"], "/x/gtk.so": ["libgtk-3.so.0"]}
    entries = [
        ("python3.11/_ssl.so", "/x/_ssl.so", "EXTENSION"),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", "/x/gtk.so", "BINARY"),
        *((name, f"/x/{name}", "BINARY") for name in ("libssl.so.3", "libcrypto.so.3", "libgtk-3.so.0")),
    ]
    found = [entry[0] for entry in kept(entries, needs=lambda binary: loads.get(binary, []))]
    assert found == ["python3.11/_ssl.so", "libssl.so.3", "libcrypto.so.3"]


def test_that_the_licences_of_what_the_program_needs_are_found():
    packages = {folder for _, folder in licences("fieldline")}
    assert {
        "licences/httpx",
        "licences/msgspec",
        "licences/sqlcipher3",
        "licences/keyring",
        "licences/dbus-fast",
    } <= packages
    assert "licences/pytest" not in packages
