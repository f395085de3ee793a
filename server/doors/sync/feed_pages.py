"""Pages of the feed for whoever was away too long for the socket's delta: GET /sync/v1/changes (docs/protocol.md)."""

from contract.actors import SEES_ALL, Actor
from contract.errors import Refusal
from server.access.visibility import Visibility
from server.store.past import feed_page, pages_tell_all
from server.store.transactions import ReadTx

SCANNED = 5_000
"""Lines looked through for one page. Who sees little of them all is better served by a small snapshot."""


def changes_page(tx: ReadTx, visibility: Visibility, actor: Actor, after: int, limit: int) -> bytes:
    """A `Changes` as JSON; raises Refusal `behind_floor` where only a snapshot helps."""
    head = tx.head
    if not pages_tell_all(tx, actor.user_id, after):
        raise Refusal("behind_floor", {"floor": tx.floor, "head": head})
    if actor.role not in SEES_ALL and head - after > SCANNED:
        raise Refusal("behind_floor", {"reason": "the gap is long and a snapshot short", "head": head})
    items: list[bytes] = []
    upto = after
    while upto < head and len(items) < limit:
        batch = feed_page(tx, upto, limit)
        shown = (visibility.shown(actor, change) for change in batch.changes)
        items += [item for item in shown if item is not None]
        upto = batch.to_seq
    return b'{"epoch":"%b","from":%d,"to":%d,"items":[%b],"head":%d}' % (
        tx.epoch.encode(),
        after + 1,
        upto,
        b",".join(items),
        head,
    )
