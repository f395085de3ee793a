"""The key that access tokens are signed with: made at the first start, in the data directory, for its owner only."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from server.store.settings import StoreUnusable

KEY_FILE = "signing_key.pem"


class SigningKey:
    """An ES256 key pair. `key_id` names it in tokens and in the published key set."""

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self.private = private
        self.public = private.public_key()
        point = self.public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
        self.key_id = point.hex()[2:18]

    @classmethod
    def at(cls, data_dir: Path) -> "SigningKey":
        """The directory's key, made when there is none; raises StoreUnusable when it cannot be read."""
        path = data_dir / KEY_FILE
        if path.exists():
            return cls(_read(path))
        private = ec.generate_private_key(ec.SECP256R1())
        text = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls(_read(path))
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
        return cls(private)


def _read(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        found = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise StoreUnusable(
            f"{path} holds no usable key. Move it away and start again: a new one is made and everyone signs in anew."
        ) from error
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise StoreUnusable(f"{path} holds a key of another kind. Move it away and start again to have one made.")
    return found
