"""Checks that this build can do its work: Qt, fonts, icons, words, workflows, TLS."""

import asyncio
import ssl
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontDatabase, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from contract.delivery import Delivery
from contract.workflow_file import check_workflows, load_workflow
from desktop.resource_paths import resource_path
from desktop.widgets.delivery_glyph import glyph_width, paint_glyph
from desktop.widgets.fonts import FAMILIES, load_fonts
from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from desktop.widgets.words import load_words


class NotWorking(Exception):
    """A check failed; the text says how."""


def _qt() -> str:
    pixmap = QPixmap(40, 20)
    pixmap.fill(Qt.GlobalColor.white)
    painter = QPainter(pixmap)
    for state in Delivery:
        paint_glyph(painter, QRectF(2, 2, glyph_width(state, 12), 12), state, QColor("black"))
    painter.end()
    image = pixmap.toImage()
    if all(image.pixelColor(x, y) == QColor("white") for x in range(40) for y in range(20)):
        raise NotWorking("nothing is drawn")
    return f"{QApplication.platformName()}, {len(Delivery)} glyphs drawn"


def _fonts() -> str:
    load_fonts(resource_path("fonts"))
    missing = [family for family in FAMILIES if family not in QFontDatabase.families()]
    if missing:
        raise NotWorking(f"not there: {', '.join(missing)}")
    Look(resource_path("style"), FAMILIES).sheet()
    return ", ".join(FAMILIES)


def _icons() -> str:
    icons, files = Icons(resource_path("icons")), sorted(resource_path("icons").glob("*.svg"))
    if not files:
        raise NotWorking("no icons")
    for file in files:
        image = icons.pixmap(file.stem, QColor("black"), 24).toImage()
        if not any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)):
            raise NotWorking(f"{file.name} draws nothing")
    return f"{len(files)} drawn"


def _words() -> str:
    english, arabic = (load_words(resource_path("translations"), lang) for lang in ("en", "ar"))
    if english.keys != arabic.keys:
        raise NotWorking(f"keys differ: {sorted(english.keys ^ arabic.keys)[:5]}")
    return f"{len(english.keys)} in two languages"


def _workflows() -> str:
    files = sorted(resource_path("workflows").glob("*.yaml"))
    found = [load_workflow(file.read_text(encoding="utf-8"), file.name) for file in files]
    check_workflows(found)
    if not found:
        raise NotWorking("no workflow files")
    return ", ".join(workflow.name for workflow in found)


def _tls() -> str:
    """A handshake with ourselves, and an authority store to check others by."""
    if not ssl.create_default_context().cert_store_stats():
        raise NotWorking("no certificate authorities")
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = _certificate(Path(folder))
        version = asyncio.run(_handshake(certificate, key))
    return f"{ssl.OPENSSL_VERSION.split(' (')[0]}, {version}"


async def _handshake(certificate: Path, key: Path) -> str:
    offered, asked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=str(certificate))
    offered.load_cert_chain(certificate, key)

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=offered) as server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=asked, server_hostname="localhost")
        version = writer.get_extra_info("ssl_object").version()
        writer.close()
        await writer.wait_closed()
    return str(version)


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.write_bytes(key.private_bytes(*form))
    return certificate, key_file


CHECKS: dict[str, Callable[[], str]] = {
    "Qt": _qt,
    "fonts": _fonts,
    "icons": _icons,
    "words": _words,
    "workflows": _workflows,
    "TLS": _tls,
}
"""By name; each gives a detail to print, or raises."""
