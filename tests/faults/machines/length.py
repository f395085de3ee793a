"""How long a run of torture goes on; its entry point sets it before the tests are imported."""

from dataclasses import dataclass


@dataclass
class Length:
    """`steps` in each of so many `examples` of a machine; `histories` of the window's that chance makes."""

    examples: int = 500
    steps: int = 50
    histories: int = 7_500


AT_LENGTH = Length()
