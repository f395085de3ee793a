"""Operations as one request, with the moments that a wrong clock told put right."""

from collections.abc import Sequence

import msgspec

from contract.verdicts import OpsRequest
from desktop.state.pending import PendingOp
from desktop.sync.link_status import LinkStatus

_encode = msgspec.json.Encoder().encode


def ops_request(ops: Sequence[PendingOp], device_id: str, epoch: str | None, link: LinkStatus) -> OpsRequest:
    """What they are is in their hash; when they were made is not, so that a retry may tell it better."""
    as_sent = (msgspec.structs.replace(op.operation, created_at=link.corrected(op.operation.created_at)) for op in ops)
    return OpsRequest(device_id, [msgspec.Raw(_encode(each)) for each in as_sent], epoch)
