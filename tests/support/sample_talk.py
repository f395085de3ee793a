"""One customer's conversation, booking and history as plain values: two languages, a note, a link, every tick."""

from time import monotonic

from contract.delivery import Delivery
from contract.rows import Booking, StatusChange
from desktop.state.life_line import LifeLine, LifeName, LifeStep, Proof
from desktop.state.lines import Companion, LineSide, MessageLine, OutboxLine
from tests.support.sample_desk_data import ago


def message(number: int, side: LineSide, text: str, seconds_ago: float, **changed: object) -> MessageLine:
    """One line of Omar's conversation; staff lines are mine unless `changed` says otherwise."""
    mine = side == "staff"
    values: dict[str, object] = {
        "id": f"m-{number}",
        "booking_id": "b-249",
        "kind": "system" if side == "system" else "text",
        "side": side,
        "mine": mine,
        "sender_name": {"staff": "Lina Haddad", "customer": "Omar Khalid", "system": "", "bot": "Fieldline bot"}[side],
        "text": text,
        "texts": None,
        "at": ago(seconds_ago),
        "position": number * 10,
        "delivery": Delivery.READ if mine else None,
    }
    values.update(changed)
    return MessageLine(**values)  # type: ignore[arg-type]


def life(line: MessageLine, known: int = 6, attempts: int = 2) -> LifeLine:
    """The life of one of our lines, of which the first `known` steps have happened."""
    readings: tuple[tuple[LifeName, Proof, dict[str, str | int]], ...] = (
        ("typed", "click", {}),
        ("on_disk", "outbox", {"number": 41}),
        ("on_wire", "attempt", {"attempts": attempts}),
        ("stored", "feed", {"seq": 88_214, "position": line.position or 0}),
        ("delivered", "receipt", {"by": "Omar Khalid", "position": line.position or 0}),
        ("read", "receipt", {"by": "Omar Khalid", "position": (line.position or 0) + 10}),
    )
    steps = tuple(
        LifeStep(name, ago(30 - place * 3.7), proof, values) if place < known else LifeStep(name)
        for place, (name, proof, values) in enumerate(readings)
    )
    return LifeLine(line.id, "message.send", "b-249", "REQ1759286674249", "sent", line.text, None, steps)


RECEIVED = {
    "en": "⏳ Your booking request has been received. We will confirm it shortly.",
    "ar": "⏳ تم استلام طلب الحجز الخاص بك. سنؤكده قريبًا.",
}
ACCEPTED = {
    "en": "✅ Your booking has been accepted by our team. We will message you here as soon as it is on its way.",
    "ar": "✅ قَبِل فريقنا حجزك. سنراسلك هنا فور انطلاق الفريق.",
}


def omars_lines() -> list[MessageLine]:
    """Two days, both languages, a note, a link, an edited and a removed line, every delivery state."""
    sami = {"mine": False, "sender_name": "Sami Darwish", "delivery": None}
    return [
        message(
            1,
            "customer",
            "Good evening. I land tomorrow at 13:30 and need two people from the airport to Corniche Road 4.",
            86_900,
        ),
        message(2, "staff", "Good evening Mr Khalid, certainly. Which terminal?", 86_700, **sami),
        message(3, "customer", "Terminal 3. Flight details: https://flights.example.org/EK384?date=2026-11-20", 86_640),
        message(
            4,
            "customer",
            "من فضلك أرسلوا سائقًا يتحدث العربية، رقم الحجز REQ1759286674249 ورقم الهاتف +971 50 123 4567",
            86_600,
        ),
        message(
            5,
            "staff",
            "Checked: he is on the VIP list, send the senior team. Gate code is in the safe.",
            86_500,
            kind="note",
            **sami,
        ),
        message(6, "system", RECEIVED["en"], 3900, texts=RECEIVED),
        message(7, "staff", "", 3700, removed=True),
        message(
            8,
            "staff",
            "Good afternoon Omar, we have your booking. One moment, I am checking the team.",
            3600,
            edited=True,
        ),
        message(9, "staff", "Two colleagues will wait at the exit with a sign ✨", 3580),
        message(10, "customer", "Perfect, thank you 👍", 3300),
        message(11, "customer", "Hello, when will they be here?", 250),
        message(12, "customer", "Is anyone there?", 22),
        message(13, "staff", "Good afternoon Omar, checking now.", 15, delivery=Delivery.DELIVERED),
        message(
            14,
            "staff",
            "The team has left the base and needs about ten minutes. They drive a dark grey Land Cruiser, plate 44120.",
            9,
            delivery=Delivery.SENT,
        ),
    ]


def unsent_lines() -> list[MessageLine]:
    """What the outbox adds below while there is no connection."""
    unsent = {"position": None, "op_id": "op"}
    return [
        message(20, "staff", "They will call you from the gate.", 6, delivery=Delivery.SENDING, **unsent),
        message(21, "staff", "Do you need a child seat?", 4, delivery=Delivery.QUEUED, **unsent),
        message(
            22,
            "staff",
            "The invoice follows by mail.",
            2,
            delivery=Delivery.FAILED,
            error="Not sent: this booking is closed.",
            **unsent,
        ),
    ]


COMPANIONS = (Companion("u-omar", "Omar Khalid", "customer", True), Companion("u-sami", "Sami Darwish", "staff", False))


def omars_booking(**changed: object) -> Booking:
    values: dict[str, object] = {
        "id": "b-249",
        "code": "REQ1759286674249",
        "workflow": "protection",
        "status": "pending",
        "version": 3,
        "customer_id": "u-omar",
        "customer_name": "Omar Khalid",
        "customer_phone": "+971 50 123 4567",
        "priority": 1,
        "title": "Airport transfer, two officers",
        "place": "Terminal 3 to Corniche Road 4",
        "lang": "ar",
        "scheduled_start": "2026-11-20T11:30:00.000Z",
        "scheduled_end": "2026-11-20T13:00:00.000Z",
        "created_at": ago(86_900),
        "updated_at": ago(22),
        "status_since": ago(86_900),
    }
    values.update(changed)
    return Booking(**values)  # type: ignore[arg-type]


def omars_history() -> tuple[StatusChange, ...]:
    return (
        StatusChange("h-1", "b-249", 1, None, "pending", None, "u-omar", "Omar Khalid", None, ago(86_900)),
        StatusChange("h-2", "b-249", 2, "pending", "accepted", "accept", "u-sami", "Sami Darwish", None, ago(5400)),
        StatusChange(
            "h-3",
            "b-249",
            3,
            "accepted",
            "pending",
            "reopen",
            "u-noor",
            "Noor Aziz",
            "Flight moved by a day",
            ago(3900),
        ),
    )


def outbox_lines() -> list[OutboxLine]:
    code = "REQ1759286674249"
    return [
        OutboxLine(
            "o-1",
            "b-249",
            code,
            "booking.transition",
            "Accept Booking",
            "queued",
            ago(255),
            0,
            None,
            None,
            False,
        ),
        OutboxLine(
            "o-2",
            "b-249",
            code,
            "message.send",
            "On our way, 10 minutes",
            "queued",
            ago(231),
            0,
            None,
            None,
            True,
        ),
        OutboxLine(
            "o-3",
            "b-102",
            "REQ1759286674102",
            "message.send",
            "السائق عند البوابة الآن",
            "sending",
            ago(200),
            2,
            monotonic() + 4,
            None,
            False,
        ),
        OutboxLine(
            "o-4",
            "b-88",
            "REQ1759286674088",
            "booking.transition",
            "Cancel",
            "held",
            ago(2738),
            0,
            None,
            None,
            False,
        ),
        OutboxLine(
            "o-5",
            "b-405",
            "REQ1759286674405",
            "message.send",
            "Your invoice is attached.",
            "failed",
            ago(1900),
            1,
            None,
            "This booking is closed.",
            True,
        ),
    ]
