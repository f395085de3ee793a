"""A small desk's worth of bookings as plain values: long names, Arabic, emoji, many unread, every state."""

from contract.delivery import Delivery
from contract.moments import to_ms, to_text
from desktop.state.lines import BookingLine, Me, ViewCount

NOW = "2026-11-20T10:06:22.000Z"
ME = Me("u-lina", "Lina Haddad", "operator", "operator@fieldline.demo")
PEOPLE = (("u-lina", "Lina Haddad"), ("u-sami", "Sami Darwish"), ("u-noor", "Noor Aziz"))


def ago(seconds: float) -> str:
    return to_text(to_ms(NOW) - round(seconds * 1000))


def booking_line(number: int, name: str, **changed: object) -> BookingLine:
    """A row with everything quiet; `changed` sets what is not."""
    values: dict[str, object] = {
        "id": f"b-{number}",
        "code": f"REQ17592866{74000 + number}",
        "workflow": "protection",
        "status": "pending",
        "version": 1,
        "customer_name": name,
        "assignee_id": None,
        "assignee_name": None,
        "priority": 3,
        "last_text": "Thank you.",
        "last_side": "customer",
        "last_at": ago(600 + number * 60),
        "last_delivery": None,
        "unread": 0,
        "needs_answer": False,
        "waiting_since": None,
        "has_draft": False,
        "queued": 0,
        "pending_status": None,
    }
    values.update(changed)
    return BookingLine(**values)  # type: ignore[arg-type]


def booking_lines() -> list[BookingLine]:
    """Twenty-odd rows, longest waiting first."""
    lina = {"assignee_id": "u-lina", "assignee_name": "Lina Haddad"}
    sami = {"assignee_id": "u-sami", "assignee_name": "Sami Darwish"}
    waits = {"needs_answer": True}
    support = {"workflow": "support"}
    return [
        booking_line(
            249,
            "Omar Khalid",
            priority=1,
            last_text="Is anyone there?",
            unread=2,
            waiting_since=ago(250),
            last_at=ago(22),
            **waits,
        ),
        booking_line(
            102,
            "Huda Al-Amiri",
            priority=2,
            last_text="هل الفريق في الطريق؟ رقم الحجز REQ1759286674102",
            unread=1,
            waiting_since=ago(1324),
            last_at=ago(153),
            status="accepted",
            pending_status="deployed",
            queued=1,
            **waits,
            **lina,
        ),
        booking_line(
            88,
            "Maximiliane Freifrau von Hohenstein-Wittgenstein",
            last_text="Could you please tell the driver that gate two is shut and everyone has to come round the back?",
            unread=128,
            waiting_since=ago(640),
            last_at=ago(40),
            **waits,
            **sami,
        ),
        booking_line(
            311,
            "محمد علي الفارسي",
            last_text="شكرًا جزيلًا 🙏 سأنتظر عند البوابة",
            unread=4,
            waiting_since=ago(95),
            last_at=ago(95),
            workflow="techcare",
            status="pending",
            code="BK-1042311",
            **waits,
        ),
        booking_line(
            77,
            "Zoë 🎉 Müller",
            last_text="👍👍 perfect, see you at five",
            waiting_since=ago(31),
            last_at=ago(31),
            workflow="dental",
            status="confirmed",
            code="DEN-000077",
            **waits,
            **lina,
        ),
        booking_line(
            398,
            "Ali Saeed",
            status="accepted",
            last_text="Good morning Ali, the team has your address.",
            last_side="staff",
            last_delivery=Delivery.READ,
            last_at=ago(390),
            **lina,
        ),
        booking_line(
            401,
            "Priya Nair",
            status="deployed",
            last_text="They are ten minutes away.",
            last_side="staff",
            last_delivery=Delivery.DELIVERED,
            last_at=ago(520),
            **lina,
        ),
        booking_line(
            402,
            "Jean-Luc Moreau",
            status="on_site",
            last_text="The team is with you now.",
            last_side="staff",
            last_delivery=Delivery.SENT,
            last_at=ago(800),
            **sami,
        ),
        booking_line(
            403,
            "Łukasz Wójcik",
            status="accepted",
            last_text="On our way, 10 minutes",
            last_side="staff",
            last_delivery=Delivery.QUEUED,
            queued=2,
            last_at=ago(70),
            **lina,
        ),
        booking_line(
            404,
            "Đặng Thị Hạnh",
            last_text="We have your request.",
            last_side="staff",
            last_delivery=Delivery.SENDING,
            last_at=ago(64),
            **lina,
        ),
        booking_line(
            405,
            "Иван Петров",
            status="accepted",
            last_text="Your invoice is attached.",
            last_side="staff",
            last_delivery=Delivery.FAILED,
            last_at=ago(1900),
            **lina,
        ),
        booking_line(
            406,
            "Sofía Núñez",
            status="deployed",
            last_text="Which entrance should we use?",
            last_side="staff",
            last_delivery=Delivery.CONFLICT,
            last_at=ago(2400),
            **lina,
        ),
        booking_line(
            407, "Kate O'Brien", last_text="I will wait in the lobby.", has_draft=True, last_at=ago(3100), **lina
        ),
        booking_line(
            501,
            "Chat visitor 4410",
            last_text="My card was charged twice",
            last_at=ago(3600),
            code="SUP-004410",
            status="active",
            **support,
            **sami,
        ),
        booking_line(
            502,
            "Amélie Dubois",
            last_text="Merci beaucoup !",
            last_at=ago(90_000),
            code="SUP-004409",
            status="ended",
            **support,
        ),
        booking_line(
            503,
            "Yusuf Rahman",
            status="completed",
            last_text="🏁 Your booking has been completed.",
            last_side="system",
            last_at=ago(172_000),
        ),
        booking_line(
            504,
            "Grace Okafor",
            status="cancelled",
            last_text="🚫 Your booking has been cancelled: flight moved",
            last_side="system",
            last_at=ago(260_000),
        ),
        booking_line(505, "", last_text="", last_side=None, last_at=ago(400_000)),
    ]


def views() -> list[ViewCount]:
    counts = {"needs_answer": 5, "all": 2140, "mine": 8, "unassigned": 4}
    statuses = {
        "protection:pending": 212,
        "protection:accepted": 64,
        "protection:deployed": 9,
        "protection:on_site": 3,
        "protection:completed": 1402,
        "protection:cancelled": 118,
        "support:waiting": 2,
        "support:active": 31,
        "support:ended": 299,
    }
    listed = [ViewCount(key, key, count) for key, count in counts.items()]
    return listed + [ViewCount(f"status:{key}", key, count) for key, count in statuses.items()]
