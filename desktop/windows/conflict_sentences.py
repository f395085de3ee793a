"""Says of a press that was overtaken: what was done here, what happened there, who saw it, what can be decided."""

from desktop.state.lines import BookingDetail, OutboxLine
from desktop.state.overtaken import GONE, Choice, ConflictCard, Sight, TextAfter, choices
from desktop.widgets.conflict_words import Compared, ConflictWords, OfferedChoice
from desktop.widgets.text_direction import one_line
from desktop.windows.facts_words import FactsWords
from desktop.windows.surroundings import Surroundings

MOST = 160
"""Characters of a line that is quoted: the whole is in the conversation."""


class ConflictSentences:
    def __init__(self, around: Surroundings) -> None:
        self._around, self._words, self._moments = around, around.words, around.moments
        self._facts = FactsWords(around)

    def of(self, detail: BookingDetail, card: ConflictCard) -> ConflictWords:
        words, moments = self._words, self._moments
        stands, yours = self._status(detail, card.stands_status), self._facts.button(detail, card.transition)
        stood_at = moments.when(card.stands_at)
        waits = sum(text.is_open for text in card.texts)
        return ConflictWords(
            card.op_id,
            title=words("conflict.title", code=self._around.sentences.named(detail.booking)),
            yours=words("conflict.yours", button=yours, time=moments.when(card.pressed_at)),
            theirs=words(
                "conflict.theirs", name=card.by_name or words("conflict.somebody"), status=stands, time=stood_at
            ),
            stands=words("conflict.stands", status=stands),
            choices=tuple(self._offered(detail, card, choice) for choice in choices(card)),
            your_side=words("review.your_side", time=moments.when(card.pressed_at)),
            their_side=words("review.their_side", name=card.by_name or words("conflict.somebody"), time=stood_at),
            compared=self._compared(detail, card),
            text_waits=words("conflict.text_waits", count=waits) if waits else "",
        )

    def gone(self, line: OutboxLine) -> ConflictWords:
        """Of a booking that is out of sight: all there is to say is the press itself."""
        words, at = self._words, self._moments.when(line.created_at)
        yours, dismiss = words("conflict.yours", button=line.what, time=at), words("conflict.dismiss")
        told = words("review.told_nothing")
        return ConflictWords(
            line.op_id,
            title=words("conflict.gone_title"),
            yours=yours,
            theirs=words("conflict.gone"),
            stands="",
            choices=tuple(OfferedChoice(choice, dismiss, words("review.dismiss"), told) for choice in GONE),
            your_side=words("review.your_side", time=at),
            their_side=words("review.their_side_gone"),
            compared=(Compared(words("review.status"), line.what, words("conflict.gone")),),
        )

    def _compared(self, detail: BookingDetail, card: ConflictCard) -> tuple[Compared, ...]:
        words = self._words
        texts = [self._text(text) for text in card.texts]
        theirs = words("review.posted_by_step", text=shortened(card.their_text)) if card.their_text else ""
        after = self._after(detail, card)
        return (
            Compared(words("review.status"), self._your_step(detail, card), self._their_step(detail, card)),
            *((Compared(words("review.after"), after, ""),) if after else ()),
            Compared(
                words("review.posted"),
                "\n".join(texts) or words("review.posted_nothing"),
                theirs or words("review.posted_unknown"),
            ),
            Compared(words("review.customer"), self._your_sight(card), self._sight(card.sight)),
        )

    def _after(self, detail: BookingDetail, card: ConflictCard) -> str:
        """What waits for the decision besides text."""
        return "\n".join(
            self._words("review.asked_next", button=self._facts.button(detail, name)) for name in card.behind
        )

    def _your_step(self, detail: BookingDetail, card: ConflictCard) -> str:
        to = self._status(detail, card.to_status)
        saw = self._status(detail, card.saw_status)
        step = self._words("review.your_step", **{"from": saw, "to": to}) if card.saw_status else to
        return self._quoted(step, card.said)

    def _their_step(self, detail: BookingDetail, card: ConflictCard) -> str:
        to = self._status(detail, card.stands_status)
        stood = self._status(detail, card.stood_status) if card.stood_status else ""
        step = self._words("review.their_step", **{"from": stood, "to": to}) if stood else to
        return self._quoted(step, (card.their_reason,) if card.their_reason else ())

    def _text(self, text: TextAfter) -> str:
        standing = self._words(f"review.text_{text.standing}")
        if text.standing == "sent":
            standing = f"{standing} {self._sight(text.sight)}"
        return self._words("review.text", text=shortened(text.text), standing=standing)

    def _your_sight(self, card: ConflictCard) -> str:
        return self._words("review.yours_may_have" if card.may_have_arrived else "review.yours_unseen")

    def _sight(self, sight: Sight) -> str:
        if sight.seen in ("read", "delivered") and sight.by:
            return self._words(f"review.seen_{sight.seen}_by", time=self._moments.when(sight.by))
        return self._words(f"review.seen_{sight.seen}")

    def _offered(self, detail: BookingDetail, card: ConflictCard, choice: Choice) -> OfferedChoice:
        words = self._words
        said = {
            "status": self._status(detail, card.stands_status),
            "button": self._facts.button(detail, card.transition),
            "step": self._facts.button(detail, choice.transition),
            "name": card.by_name,
        }
        short = {
            "keep": words("conflict.keep", status=said["status"]),
            "step": words("conflict.instead", button=said["step"]),
            "ask": words("conflict.message", name=said["name"]),
        }
        whole = words(f"choice.{choice.verb}_{choice.texts}", **said)
        return OfferedChoice(choice, short[choice.verb], whole, self._told(detail, choice))

    def _told(self, detail: BookingDetail, choice: Choice) -> str:
        text = self._facts.posted(detail, choice.transition, {}) if choice.verb == "step" else ""
        return self._words("review.told", text=text) if text else self._words("review.told_nothing")

    def _status(self, detail: BookingDetail, status: str) -> str:
        return self._around.statuses.label(detail.booking.workflow, status)

    def _quoted(self, step: str, said: tuple[str, ...]) -> str:
        return "\n".join([step, *(self._words("review.quoted", text=shortened(value)) for value in said)])


def shortened(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= MOST else f"{text[:MOST].rstrip()}…"
