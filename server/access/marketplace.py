"""Jobs on offer: bookings that every technician may see, redacted, until one takes them."""

from collections.abc import Mapping

from contract.workflow import Workflow
from server.store.feed import BookingFacts


def is_on_offer(workflow: Workflow, booking: BookingFacts) -> bool:
    """Whether the booking is such a job."""
    return booking.provider_id is None and open_jobs({workflow.name: workflow}).get(booking.workflow) == booking.status


def open_jobs(workflows: Mapping[str, Workflow]) -> dict[str, str]:
    """The workflows with a marketplace, and the status in which a job without a provider is offered there."""
    return {name: found.first_status for name, found in workflows.items() if "marketplace" in found.features}
