"""How moments and durations are said: clocks, days, how long someone waits, how old a figure is."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from PySide6.QtCore import QDate, QLocale

from contract.moments import to_ms
from desktop.widgets.words import Words

WAITING_SECONDS = (60, 150, 300, 600)
"""How long a customer of priority 1 to 4 may wait before the first tint."""


class Moments:
    """Says server moments in local time. `now` gives seconds since 1970 by the server's clock."""

    def __init__(self, words: Words, now: Callable[[], float]) -> None:
        self._words = words
        self._locale = QLocale("ar_AE" if words.lang == "ar" else "en_GB")
        self.now = now

    def seconds_since(self, at: str) -> int:
        return max(0, int(self.now() - to_ms(at) / 1000))

    def day(self, at: str) -> date:
        return local(at).date()

    def today(self) -> date:
        return datetime.fromtimestamp(self.now(), tz=UTC).astimezone().date()

    def clock(self, at: str) -> str:
        return self._words.left_to_right(f"{local(at):%H:%M}")

    def clock_with_seconds(self, at: str) -> str:
        return self._words.left_to_right(f"{local(at):%H:%M:%S}")

    def day_words(self, day: date) -> str:
        """Today, Yesterday, else weekday and date, with the year when it is another."""
        ago = (self.today() - day).days
        if ago in (0, 1):
            return self._words("moment.today" if ago == 0 else "moment.yesterday")
        pattern = "dddd d MMMM" if day.year == self.today().year else "d MMMM yyyy"
        return self._said(day, pattern)

    def _said(self, day: date, pattern: str) -> str:
        return self._locale.toString(QDate(day.year, day.month, day.day), pattern)

    def short(self, at: str) -> str:
        """For a narrow column: the clock today, the weekday this week, else the date."""
        day = self.day(at)
        ago = (self.today() - day).days
        if ago <= 0:
            return self.clock(at)
        if ago == 1:
            return self._words("moment.yesterday")
        if ago < 7:
            return self._said(day, "ddd")
        return self._said(day, "d MMM" if day.year == self.today().year else "d MMM yy")

    def when(self, at: str) -> str:
        """The clock where that says it, else the day before it: what is from yesterday must not look like today's."""
        clock, day = self.clock(at), self.day(at)
        return clock if day == self.today() else f"{self.day_words(day)} {clock}"

    def full(self, at: str) -> str:
        return f"{self.day_words(self.day(at))} {self.clock_with_seconds(at)}"

    def exact(self, at: str) -> str:
        """To the millisecond, where the order of things is the question."""
        clock = self._words.left_to_right(f"{local(at):%H:%M:%S}.{local(at).microsecond // 1000:03d}")
        return f"{self.day_words(self.day(at))} {clock}"

    def span(self, start: str, end: str | None) -> str:
        """An appointment: day, from, to."""
        until = f" – {local(end):%H:%M}" if end else ""
        time = self._words.left_to_right(f"{local(start):%H:%M}{until}")
        return self._words("moment.span", day=self.day_words(self.day(start)), time=time)

    def waiting(self, since: str) -> str:
        """`4:10` under an hour, then hours, then days."""
        seconds = self.seconds_since(since)
        if seconds < 3600:
            return self._words.left_to_right(f"{seconds // 60}:{seconds % 60:02d}")
        if seconds < 86_400:
            return self._words("moment.hours", hours=seconds // 3600, minutes=f"{seconds % 3600 // 60:02d}")
        return self._words("moment.days", count=seconds // 86_400)

    def waiting_spoken(self, since: str) -> str:
        """The same as words, for a screen reader."""
        seconds = self.seconds_since(since)
        if seconds < 3600:
            return self._words("moment.spoken_minutes", minutes=seconds // 60, seconds=seconds % 60)
        return self.waiting(since)

    def age(self, since: str) -> str:
        """How old something is, coarsely: `6 min`."""
        minutes = self.seconds_since(since) // 60
        if minutes < 1:
            return self._words("moment.under_a_minute")
        if minutes < 60:
            return self._words("moment.minutes", count=minutes)
        if minutes < 1440:
            return self._words("moment.hours", hours=minutes // 60, minutes=f"{minutes % 60:02d}")
        return self._words("moment.days", count=minutes // 1440)


def local(at: str) -> datetime:
    """A moment as it travels, in this computer's time zone."""
    return datetime.fromisoformat(at).astimezone()


def waiting_step(seconds: int, priority: int) -> int:
    """0 to 3: which of the four tints a customer's wait has earned at this priority."""
    unit = WAITING_SECONDS[min(4, max(1, priority)) - 1]
    return sum(seconds >= unit * factor for factor in (1, 2, 4))
