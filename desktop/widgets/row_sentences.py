"""What a screen reader says of a row: one sentence with everything the eye gets (console features 5.19)."""

from contract.delivery import Delivery
from contract.rows import Booking
from contract.workflow import in_language
from desktop.item_models.conversation_rows import ConversationRow
from desktop.item_models.rail_rows import RailRow, status_of
from desktop.state.lines import BookingLine, MessageLine, OutboxLine, ViewCount
from desktop.widgets.delivery_glyph import glyph_words
from desktop.widgets.moments import Moments
from desktop.widgets.status_pill import Statuses
from desktop.widgets.words import Words


class RowSentences:
    def __init__(self, words: Words, moments: Moments, statuses: Statuses) -> None:
        self._words = words
        self._moments = moments
        self._statuses = statuses

    def booking(self, line: BookingLine) -> str:
        """Priority, code, name, status, wait, what is open about it, the newest line."""
        words = self._words
        parts = [words("row.priority", priority=line.priority), line.code or words("row.no_code")]
        parts.append(line.customer_name or words("row.nameless"))
        parts.append(self.status(line.workflow, line.status, line.pending_status))
        if line.waiting_since:
            parts.append(words("row.waiting", time=self._moments.waiting_spoken(line.waiting_since)))
        if line.needs_answer:
            parts.append(words("row.needs_answer"))
        if line.unread:
            parts.append(words("row.unread", count=line.unread))
        if line.has_draft:
            parts.append(words("row.draft"))
        if line.queued:
            parts.append(words("row.queued", count=line.queued))
        parts.append(words("row.assigned", name=line.assignee_name) if line.assignee_name else words("row.unassigned"))
        if line.last_text:
            parts.append(line.last_text)
        return words("row.pause").join(parts)

    def named(self, booking: Booking) -> str:
        """A booking in a sentence: by its code, or while the server has not made one, by whose it is."""
        return booking.code or booking.customer_name or self._words("row.nameless")

    def status(self, workflow: str, status: str, pending: str | None) -> str:
        now = self._statuses.label(workflow, status)
        return self._words("status.becoming", now=now, then=self._statuses.label(workflow, pending)) if pending else now

    def view(self, view: ViewCount) -> str:
        """The name of a view, in the operator's language."""
        status = status_of(view.key)
        return self._statuses.label(*status) if status else self._words(f"view.{view.key}")

    def rail(self, row: RailRow) -> str:
        if row.view is None:
            return row.heading
        return self._words("row.view", name=self.view(row.view), count=row.view.count)

    def conversation(self, row: ConversationRow) -> str:
        if row.kind == "day" and row.day is not None:
            return self._moments.day_words(row.day)
        if row.line is None:
            return self._words("conversation.new_lines", count=row.unread)
        line = row.line
        said = [self.sender(line), self.text(line), self._moments.clock(line.at)]
        if line.edited:
            said.append(self._words("conversation.edited"))
        if line.delivery is not None:
            said.append(glyph_words(line.delivery, self._words))
        if line.error:
            said.append(self._words.refusal(line.code, line.error))
        return self._words("row.pause").join(part for part in said if part)

    def sender(self, line: MessageLine) -> str:
        """Who speaks: you, the desk's machine, or a name."""
        if line.mine:
            return self._words("conversation.you")
        return self._words("conversation.system") if line.side == "system" else line.sender_name

    def text(self, line: MessageLine) -> str:
        """A line in the operator's language where it has it; removed lines say so."""
        if line.removed:
            return self._words("conversation.removed")
        return in_language(line.texts, self._words.lang) if line.texts else line.text

    def delivery(self, line: MessageLine) -> str:
        """What is known of a line's way to the other side, with its moment to the second."""
        words, said = self._words, [self._moments.full(line.at)]
        if line.delivery == Delivery.SENDING and line.attempts > 1:
            said.insert(0, words("delivery.sending_attempt", attempt=line.attempts))
        elif line.delivery is not None:
            said.insert(0, glyph_words(line.delivery, words))
        return " · ".join(said)

    def outbox(self, line: OutboxLine) -> str:
        parts = [
            outbox_title(line, self._words),
            line.booking_code,
            self._words(f"outbox.state.{line.state}"),
            self._words.refusal(line.code, line.error),
        ]
        return self._words("row.pause").join(part for part in parts if part)


def outbox_title(line: OutboxLine, words: Words) -> str:
    """What an operation is: a line by its text, a press by its button, all else by its name too."""
    if line.kind in {"message.send", "booking.transition"}:
        return line.what
    name = words(f"outbox.kind.{line.kind.replace('.', '_')}")
    return words("outbox.named", name=name, what=line.what) if line.what else name
