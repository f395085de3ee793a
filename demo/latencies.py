"""Measured times and what is said of them."""

from dataclasses import dataclass, field


@dataclass
class Latencies:
    """Milliseconds of one kind of event, as they were seen."""

    what: str
    target: str
    """In words, as DESIGN 11 or the issue gives it."""
    limit: float
    """Milliseconds that half of the events must keep for the story to count as told."""
    seen: list[float] = field(default_factory=list)

    def add(self, seconds: float) -> None:
        self.seen.append(seconds * 1000)

    def percentile(self, share: float) -> float:
        """The smallest time seen that `share` of all are not above."""
        ordered = sorted(self.seen)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def kept(self) -> bool:
        return bool(self.seen) and self.percentile(0.5) <= self.limit

    def row(self) -> tuple[str, ...]:
        """What, count, p50, p95, most, target."""
        if not self.seen:
            return (self.what, "0", "–", "–", "–", self.target)
        figures = (self.percentile(0.5), self.percentile(0.95), max(self.seen))
        return (self.what, str(len(self.seen)), *(f"{figure:.1f} ms" for figure in figures), self.target)
