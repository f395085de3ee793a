"""What the facts pane says of a booking: pairs and history steps, out of plain values."""

from collections.abc import Mapping

from contract.rows import StatusChange
from contract.workflow import Transition, Workflow, fill, in_language
from desktop.state.lines import BookingDetail, PendingPress
from desktop.widgets.history_list import HistoryStep
from desktop.windows.surroundings import Surroundings


class FactsWords:
    def __init__(self, around: Surroundings) -> None:
        self._around = around

    def workflow(self, detail: BookingDetail) -> Workflow | None:
        return self._around.desk.workflows.get(detail.booking.workflow)

    def transition(self, detail: BookingDetail, name: str) -> Transition | None:
        workflow = self.workflow(detail)
        return workflow.transitions.get(name) if workflow else None

    def button(self, detail: BookingDetail, name: str) -> str:
        """A button's label in the operator's language."""
        found = self.transition(detail, name)
        return in_language(found.button, self._around.words.lang) if found and found.button else name

    def posted(self, detail: BookingDetail, name: str, values: Mapping[str, str]) -> str:
        """The system message a press will post, in the customer's language; blanks stand for what is still asked."""
        found = self.transition(detail, name)
        if found is None or not found.system:
            return ""
        blanks = {asked: values.get(asked, "").strip() or "…" for asked in found.ask}
        return fill(in_language(found.system, detail.booking.lang), blanks)

    def preview_head(self, detail: BookingDetail) -> str:
        words = self._around.words
        name = detail.booking.customer_name or words("row.nameless")
        return words("press.will_post", name=name, language=self._language(detail.booking.lang))

    def facts(self, detail: BookingDetail) -> list[tuple[str, str]]:
        """Names and values; empty values are left out by whoever shows them."""
        booking, words, moments = detail.booking, self._around.words, self._around.moments
        when = moments.span(booking.scheduled_start, booking.scheduled_end) if booking.scheduled_start else ""
        priority = min(4, max(1, booking.priority))
        return [
            (words("facts.code"), booking.code or words("row.no_code")),
            (words("facts.about"), booking.title),
            (words("facts.when"), when),
            (words("facts.where"), booking.place or ""),
            (words("facts.phone"), booking.customer_phone or ""),
            (words("facts.priority"), words(f"facts.priority_{priority}")),
            (words("facts.department"), booking.department or ""),
            (words("facts.language"), self._language(booking.lang)),
            (words("facts.created"), moments.full(booking.created_at) if booking.created_at else ""),
            *((str(name).replace("_", " "), str(value)) for name, value in booking.fields.items()),
        ]

    def history(self, detail: BookingDetail) -> list[HistoryStep]:
        """Newest first; none where the server keeps the steps to itself, as it does of an open job not yet taken."""
        if detail.only_here:
            return [self._unsent(detail)]
        steps = sorted(detail.history, key=lambda step: step.version, reverse=True)
        return [self._step(detail.booking.workflow, step) for step in steps]

    def pending(self, detail: BookingDetail) -> list[tuple[PendingPress, str]]:
        return [(press, self.button(detail, press.transition)) for press in detail.pending]

    def assignee(self, detail: BookingDetail) -> str:
        booking, words, me = detail.booking, self._around.words, self._around.desk.me
        if booking.assignee_id is None:
            return words("facts.nobody")
        name = booking.assignee_name or "–"
        return words("facts.you", name=name) if me and me.user_id == booking.assignee_id else name

    def _unsent(self, detail: BookingDetail) -> HistoryStep:
        booking, words, moments = detail.booking, self._around.words, self._around.moments
        at = moments.full(booking.created_at) if booking.created_at else ""
        return HistoryStep(words("facts.step_unsent"), at, "", "grey")

    def _step(self, workflow: str, step: StatusChange) -> HistoryStep:
        words, statuses = self._around.words, self._around.statuses
        to = statuses.label(workflow, step.to_status)
        what = words("facts.step_first", to=to)
        if step.from_status:
            what = words("facts.step", **{"from": statuses.label(workflow, step.from_status), "to": to})
        at = self._around.moments.full(step.at)
        who = words("facts.by", name=step.actor_name, time=at) if step.actor_name else at  # nobody's: by hand, in SQL
        why = words("facts.reason", text=step.reason) if step.reason else ""
        return HistoryStep(what, who, why, statuses.tone(workflow, step.to_status))

    def _language(self, lang: str) -> str:
        return self._around.words(f"facts.lang_{lang}") if lang in ("en", "ar") else lang
