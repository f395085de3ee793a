"""What a network does to one client's requests and sockets at this moment, and the seed's dice for it."""

import random
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Weather:
    """Probabilities are per request or per frame. `hits` counts what has really happened, by kind of fault."""

    chance: random.Random
    hits: Counter[str]
    down: bool = False
    """Nothing can be opened, everything open is cut."""
    silent: bool = False
    """Half-open: whatever is sent vanishes, in both directions, and nobody is told."""
    no_sockets: bool = False
    """Something between lets no WebSocket through."""
    proxied: bool = False
    """The same for the whole run, the end included: then everything must come to rest without a socket."""
    lose: float = 0.0
    """A request, or its answer, never arrives."""
    repeat: float = 0.0
    """A request arrives twice."""
    meddle: float = 0.0
    """A frame of a socket vanishes, comes twice or changes places with the next."""
    swallow: bool = False
    """The next changes pushed by a socket vanish."""
    cut: float = 0.0
    """A socket is cut at this frame, or a download in the middle."""
    slowest: float = 0.05
    """Seconds one way, at most."""
    in_vain: list[float] = field(default_factory=list)
    """When this client's requests came to nothing, in seconds of the run."""
    urged: list[float] = field(default_factory=list)
    """When it was started, or told by a person to try at once: it then begins to wait from little again."""

    def latency(self) -> float:
        return self.chance.uniform(0.001, self.slowest)

    def strikes(self, kind: str, probability: float) -> bool:
        if probability and self.chance.random() < probability:
            self.hits[kind] += 1
            return True
        return False

    def clear_up(self) -> None:
        self.down = self.silent = self.no_sockets = self.swallow = False
        self.lose = self.repeat = self.meddle = self.cut = 0.0
        self.slowest = 0.05
