"""Reads a workflow file: YAML text becomes a checked Workflow, or a list of every mistake with its file and line."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Literal, get_args, get_origin

import msgspec
import yaml
from yaml.composer import Composer

from contract.workflow import Workflow
from contract.workflow_rules import Place, Problem, problems


class WorkflowError(ValueError):
    """A workflow that cannot be run. The message has one line a problem: `file:line: sentence`."""


def load_workflow(text: str, file_name: str) -> Workflow:
    """The workflow that `text` describes; raises WorkflowError with everything that is wrong with it."""
    try:
        value, lines = _Reader(text).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise WorkflowError(f"{file_name}:{line}: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise WorkflowError(f"{file_name}:1: this is not YAML: {str(error) or 'nested too deeply'}") from error
    found = list(_misfits(value, Workflow, ()))
    if not any(isinstance(problem, _Misfit) for problem in found):
        found += problems(msgspec.convert(_without(value, found), Workflow))
    if found:
        placed = sorted((_line_of(place, lines), sentence) for place, sentence in found)
        raise WorkflowError("\n".join(f"{file_name}:{line}: {sentence}" for line, sentence in placed))
    return msgspec.convert(value, Workflow)


def check_workflows(workflows: Sequence[Workflow]) -> None:
    """What must hold among workflows that run side by side; raises WorkflowError."""
    said = [
        f"{one.name} and {other.name}: both have the {what} {getattr(one, field)!r}; it must be one's own"
        for one, other in combinations(workflows, 2)
        for field, what in (("name", "name"), ("code_prefix", "code prefix"))
        if getattr(one, field) == getattr(other, field)
    ]
    if said:
        raise WorkflowError("\n".join(said))


class _Misfit(tuple[Place, str]):
    """A problem that keeps the file from becoming a Workflow at all, so that its rules cannot be asked."""

    __slots__ = ()


class _Reader(Composer, yaml.CSafeLoader):
    """Plain values together with the line of each, which yaml.safe_load forgets.

    libyaml reads the text, ten times as fast as Python would; but Python puts it together, for libyaml's own composer
    overruns the stack, and ends the process, where a text is nested too deeply.
    """

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        self.anchors: dict[Any, yaml.Node] = {}

    def read(self) -> tuple[Any, dict[Place, int]]:
        self.lines: dict[Place, int] = {}
        self.seen: set[yaml.Node] = set()
        try:
            node = self.get_single_node()
            return (None if node is None else self._plain(node, ())), self.lines
        finally:
            self.dispose()

    def _plain(self, node: yaml.Node, place: Place) -> Any:
        if node in self.seen:
            problem = "references (*name) are not used in workflow files"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        self.seen.add(node)
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, (*place, index)) for index, item in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return self.construct_object(node)
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in values:
                raise yaml.MarkedYAMLError(problem=f"{key} is written twice", problem_mark=key_node.start_mark)
            self.lines[(*place, key)] = key_node.start_mark.line + 1
            values[key] = self._plain(value_node, (*place, key))
        return values


def _misfits(value: Any, shape: Any, place: Place) -> Iterator[Problem]:
    """Where `value` does not have `shape`: as msgspec would say it, but every place and not only the first."""
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct) and isinstance(value, dict):
        fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
        for key in value.keys() - fields.keys():
            yield (*place, key), f"there is no key {key!r} here; known are {', '.join(fields)}"
        for key, field in fields.items():
            if key in value:
                yield from _misfits(value[key], field.type, (*place, key))
            elif field.required:
                yield _Misfit((place, f"the key {key} is missing"))
    elif get_origin(shape) is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from _misfits(item, get_args(shape)[1], (*place, key))
    else:
        try:
            msgspec.convert(value, shape)
        except msgspec.ValidationError as error:
            known = f"; known are {', '.join(get_args(shape))}" if get_origin(shape) is Literal else ""
            yield _Misfit((place, f"{error}{known}"))


def _without(value: Any, unknown: list[Problem]) -> Any:
    """`value` without the keys that are unknown, so that what else is wrong with it can be said too."""
    left_out = {place for place, _ in unknown}

    def kept(part: Any, place: Place) -> Any:
        if not isinstance(part, dict):
            return part
        return {key: kept(item, (*place, key)) for key, item in part.items() if (*place, key) not in left_out}

    return kept(value, ())


def _line_of(place: Place, lines: dict[Place, int]) -> int:
    while place not in lines and place:
        place = place[:-1]
    return lines.get(place, 1)
