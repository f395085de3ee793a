"""What the servers of one database must agree on before one more joins them."""

from server.store.epoch import read_meta, write_meta
from server.store.link import Link
from server.store.settings import StoreUnusable


def join(link: Link, key_id: str) -> None:
    """Counts this connection among the running servers'. `key_id` names the key it signs access tokens with: what one
    server issues every other must take. Raises StoreUnusable where others run that sign with another."""
    if not link.shared:
        return
    link.begin_write()
    try:
        known = read_meta(link, "signing_key")
        if known != key_id:
            if known is not None and not link.claim_alone():
                raise StoreUnusable(
                    "The servers that run on this database sign with another key than the one in this data folder."
                    " Copy signing_key.pem from one of their data folders into this one, or stop them first."
                )
            write_meta(link, "signing_key", key_id)
        link.serve()
        link.commit()
    finally:
        link.roll_back()
