"""The scripted customers: invented people, what they want, and what they say when something happens."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Person:
    """One customer with one booking. `replies` answer the desk, one after the other; `on_status` answers a button."""

    name: str
    lang: str
    workflow: str
    title: str
    opening: tuple[str, ...]
    replies: tuple[str, ...]
    quiet: tuple[str, ...]
    """Said when nobody has written for a while."""
    on_status: dict[str, str] = field(default_factory=dict)
    fields: dict[str, object] = field(default_factory=dict)


PEOPLE = (
    Person(
        "James Whitfield",
        "en",
        "protection",
        "Escort from the airport",
        ("Hello, I land at 18:40 tonight and need two people with me to the hotel.", "It is the new terminal."),
        (
            "That is fine, thank you.",
            "One suitcase and a hand bag.",
            "I will wait at the arrivals gate.",
            "Understood.",
        ),
        ("Any news on the team?", "My flight is on time so far."),
        {
            "accepted": "Great, that was quick.",
            "deployed": "Good. What car should I look for?",
            "on_site": "I see them 👍",
            "completed": "Everything went well, thank you.",
        },
    ),
    Person(
        "ليلى حداد",
        "ar",
        "protection",
        "مرافقة إلى حفل",
        ("مرحبًا، أحتاج فريق مرافقة مساء الخميس.", "الحفل يبدأ الساعة الثامنة."),
        ("نعم، شخصان يكفيان.", "العنوان كما في الحجز.", "شكرًا جزيلًا.", "ممتاز."),
        ("هل من جديد؟", "سأكون جاهزة عند السابعة."),
        {"accepted": "شكرًا على السرعة!", "deployed": "رائع، أنا بانتظارهم.", "completed": "كان كل شيء ممتازًا 🌟"},
    ),
    Person(
        "Grace Okafor",
        "en",
        "techcare",
        "Dishwasher leaks",
        ("Hi, our dishwasher leaks and the kitchen floor is wet.", "It is about four years old."),
        ("Tomorrow morning is best for me.", "Ground floor, the blue door.", "I switched the water off.", "Perfect."),
        ("Should I send a photo of the hose?", "It still drips a little."),
        {"assigned": "Wonderful, who is coming?", "en_route": "I am at home.", "completed": "No more water. Thanks!"},
        {"device": "Dishwasher", "fault": "leaks"},
    ),
    Person(
        "عمر خليل",
        "ar",
        "techcare",
        "المكيف لا يبرد",
        ("السلام عليكم، المكيف لا يبرد منذ أمس.",),
        ("نعم، قمت بتنظيف الفلتر.", "الطابق الثالث، شقة ٧.", "أي وقت بعد الرابعة مناسب.", "شكرًا لكم."),
        ("الجو حار جدًا اليوم 🥵", "هل الفني قريب؟"),
        {"assigned": "بارك الله فيكم.", "en_route": "أنا في البيت.", "completed": "عاد التبريد، شكرًا!"},
    ),
    Person(
        "منى صالح",
        "ar",
        "dental",
        "كشف وتنظيف",
        ("صباح الخير، أريد موعدًا لتنظيف الأسنان.",),
        ("يوم الأحد مناسب.", "نعم، لدي ملف عندكم.", "حسنًا، سأحضر قبل الموعد بعشر دقائق."),
        ("هل يمكن أن يكون الموعد صباحًا؟",),
        {"confirmed": "شكرًا، سجلت الموعد.", "completed": "شكرًا للطبيبة، كانت لطيفة جدًا."},
    ),
    Person(
        "Emily Stone",
        "en",
        "support",
        "Cannot sign in",
        ("Hello, I cannot sign in since this morning.", "It says that my code is wrong."),
        ("I tried twice.", "Let me try again…", "Now it works, thank you!", "No, that was all."),
        ("Are you still there?",),
        {"active": "Hi, thanks for picking this up.", "ended": "Bye!"},
    ),
)
