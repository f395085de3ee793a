"""The wire format is a golden file: changing it is a visible diff, and never an accident."""

import importlib
import json
import pkgutil

import msgspec
import pytest

import contract
from contract.operations import PAYLOADS
from tests.contract.wire_examples import EXAMPLES, GOLDEN, on_the_wire

RENEW = "If the change is meant, run: uv run python -m tests.contract.wire_examples"
STAYS_AT_HOME = {
    "Actor",
    "Frame",
    "BinaryBroadcast",
    "_Object",
    "Step",
    "Impossible",
    "Status",
    "Ask",
    "Clocks",
    "Transition",
    "Clock",
    "Bids",
    "Expect",
}
"""Never sent as JSON by themselves: they are parts of a Workflow, an Operation or a frame, or live in one program."""


def test_that_every_shape_is_written_as_the_golden_file_has_it():
    golden = json.loads(GOLDEN.read_text("utf-8"))
    assert json.dumps(on_the_wire(), indent=1) == json.dumps(golden, indent=1), RENEW


@pytest.mark.parametrize("name", [name for name in EXAMPLES if not name.startswith("frame")])
def test_that_the_golden_file_reads_as_the_same_value(name):
    golden = json.loads(GOLDEN.read_text("utf-8"))[name]
    read = msgspec.json.decode(json.dumps(golden), type=type(EXAMPLES[name]))
    assert json.loads(msgspec.json.encode(read)) == golden


def test_that_no_shape_of_the_contract_lacks_its_example():
    shapes = set()
    for module in pkgutil.iter_modules(contract.__path__, "contract."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == module.name:
                shapes.add(value.__name__)
    payloads = {shape.__name__ for shape in PAYLOADS.values()}
    shown = {type(example).__name__ for example in EXAMPLES.values()}
    assert shapes - STAYS_AT_HOME - payloads == shown - {"Raw"}
    assert {f"Operation {kind}" for kind in PAYLOADS} <= EXAMPLES.keys()
