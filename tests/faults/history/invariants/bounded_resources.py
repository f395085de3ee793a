"""I15: what a program holds does not grow with the number of times it had to reconnect."""

from collections import defaultdict
from collections.abc import Iterator
from statistics import median

from tests.faults.history.events import Measured
from tests.faults.history.facts import Facts, Finding

MAY_GROW = 1.05
LEAST_SAMPLES = 6


def bounded_resources(facts: Facts) -> Iterator[Finding]:
    series: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for measured in facts.of(Measured):
        series[measured.process, measured.what].append(measured)
    for (process, what), samples in series.items():
        if len(samples) < LEAST_SAMPLES:
            continue
        third = len(samples) // 3
        first = median(sample.value for sample in samples[:third])
        last = median(sample.value for sample in samples[-third:])
        if last > first * MAY_GROW + samples[0].slack:
            yield process, f"{what} grew from {first:g} to {last:g} over {samples[-1].after} reconnects"
