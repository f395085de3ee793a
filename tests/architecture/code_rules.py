"""House rules about Python code: each takes a checkout and returns complaints as `file:line: what to do instead`."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import Checkout, Source

LONGEST_FILE = 300
VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers", "base", "common", "misc", "shared", "stuff"}
VAGUE_CLASS = re.compile(r"(Manager|Helper|Helpers|Utils?|Mixin)$")
ENVIRONMENT_READERS = {"server/config.py", "desktop/config.py"}
LAST_CHANCE = {
    "server/doors/edge_middleware.py": "a request that failed in no foreseen way is logged and answered with 500",
    "server/store/committer.py": "whatever a job raises belongs to whoever submitted it, and its savepoint is undone",
    "desktop/app.py": "a failure nobody foresaw is written down and told; the self-test's findings are its report",
}
"""The files that may catch everything, and why."""
PROMISES_NOTHING = re.compile(r"_(works|correctly|properly|as_expected|successfully)$")
_ENVIRONMENT = {"environ", "environb", "getenv"}
BROAD = {"Exception", "BaseException"}


def files_are_short(checkout: Checkout) -> list[str]:
    return [
        f"{source.where}:{LONGEST_FILE + 1}: {lines} lines; split it by reason to change ({LONGEST_FILE} is the limit)"
        for source in checkout.python
        if (lines := source.text.count("\n")) > LONGEST_FILE
    ]


def names_say_the_job(checkout: Checkout) -> list[str]:
    return [complaint for source in checkout.python for complaint in _vague_names(source)]


def _vague_names(source: Source) -> Iterator[str]:
    for part in source.where.removesuffix(".py").split("/"):
        if vague := VAGUE & set(part.split("_")):
            yield f"{source.where}:1: '{vague.pop()}' says nothing; name it for its job in the field's terms"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and VAGUE_CLASS.search(node.name):
            yield f"{source.where}:{node.lineno}: class {node.name}; name it for what it is; compose, do not mix in"


def files_open_with_a_sentence(checkout: Checkout) -> list[str]:
    return [
        f"{source.where}:1: open the file with one sentence that says its job"
        for source in checkout.python
        if not (source.where.endswith("__init__.py") and not source.text.strip()) and not _opens_with_a_sentence(source)
    ]


def _opens_with_a_sentence(source: Source) -> bool:
    docstring = ast.get_docstring(source.tree)
    if not docstring:
        return False
    first = docstring.split("\n\n", 1)[0].strip()
    return len(first.split()) >= 4 and re.search(r"[.:!?](\s|$)", first) is not None


def nothing_catches_everything(checkout: Checkout) -> list[str]:
    return [
        f"{source.where}:{node.lineno}: name the errors you can act on; the others are for the last-chance handler"
        for source in checkout.python
        if source.top != "tests" and source.where not in LAST_CHANCE
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _raises_again(node)
    ]


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Cleaning up after whatever happened and passing it on catches nothing."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(name, ast.Name) and name.id in BROAD for name in names)


def no_error_is_swallowed(checkout: Checkout) -> list[str]:
    """`except X: pass` without a word why; contextlib.suppress says it on purpose, and counts as a word."""
    return [
        f"{source.where}:{node.lineno}: an error vanishes here; handle it, or say why in a comment"
        for source in checkout.python
        if source.is_product
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
        if "#" not in "".join(source.text.splitlines()[node.lineno - 1 : node.body[0].lineno])
    ]


def only_the_configs_read_the_environment(checkout: Checkout) -> list[str]:
    return [
        f"{source.where}:{node.lineno}: only server/config.py and desktop/config.py read the environment"
        for source in checkout.python
        if source.is_product and source.where not in ENVIRONMENT_READERS
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom | ast.Attribute) and _reads_the_environment(node)
    ]


def _reads_the_environment(node: ast.ImportFrom | ast.Attribute) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(name.name in _ENVIRONMENT for name in node.names)
    return node.attr in _ENVIRONMENT and isinstance(node.value, ast.Name) and node.value.id == "os"


def tasks_belong_to_a_group(checkout: Checkout) -> list[str]:
    """ruff bans asyncio.create_task; this finds the same thing asked of a loop."""
    return [
        f"{source.where}:{node.lineno}: start it in the task group that app.py owns, so that its failure is seen"
        for source in checkout.python
        if source.is_product
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "create_task"
        if "loop" in ast.unparse(node.func.value)
    ]


def nothing_is_a_stub(checkout: Checkout) -> list[str]:
    return [
        f"{source.where}:{node.lineno}: finish it or leave it out"
        for source in checkout.python
        if source.is_product
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.unparse(node.exc))
        or (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and len(node.body) == 1
            and isinstance(node.body[0], ast.Pass)
        )
    ]


def the_tests_are_named_as_sentences(checkout: Checkout) -> list[str]:
    return [
        f"{source.where}:{node.lineno}: {node.name}: say as a sentence what holds (test_that_…), not that it works"
        for source in checkout.python
        if source.top == "tests"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
        if not node.name.startswith("test_that_") or PROMISES_NOTHING.search(node.name) or node.name.count("_") < 4
    ]


def the_tests_mirror_the_sources(checkout: Checkout) -> list[str]:
    folders = {source.where.rsplit("/", 1)[0] for source in checkout.python if source.is_product}
    return sorted(
        {
            f"{source.where}:1: no folder {folder} to be the test of; tests mirror the source tree"
            for source in checkout.python
            if source.top == "tests" and source.where.split("/")[1] in {"contract", "server", "desktop"}
            if (folder := source.where.rsplit("/", 1)[0].removeprefix("tests/")) not in folders
        }
    )


CODE_RULES = (
    files_are_short,
    names_say_the_job,
    files_open_with_a_sentence,
    nothing_catches_everything,
    no_error_is_swallowed,
    only_the_configs_read_the_environment,
    tasks_belong_to_a_group,
    nothing_is_a_stub,
    the_tests_are_named_as_sentences,
    the_tests_mirror_the_sources,
)
