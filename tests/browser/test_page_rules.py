"""What holds of the page's files: their size, their words, and that their rules are the contract's."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.delivery import of_position
from contract.ids import is_id
from contract.workflow import buttons
from contract.workflow_file import load_workflow
from tests.browser.customer import customer_browser

RESOURCES = Path(__file__).parents[2] / "resources"
PAGE = RESOURCES / "web"
BUDGET = 40 * 1024
"""Bytes of everything the page consists of, as it lies on disk: it must open on a slow telephone."""


def test_that_the_whole_page_stays_within_its_budget():
    sizes = {path.name: path.stat().st_size for path in PAGE.iterdir()}
    assert sum(sizes.values()) < BUDGET, sizes


def test_that_every_file_opens_with_a_sentence_on_its_job():
    for path in PAGE.glob("*.js"):
        assert re.match(r"// [A-Z].*[.]\n", path.read_text("utf-8")), path.name


def test_that_nothing_in_the_page_is_inline_or_from_elsewhere():
    document = (PAGE / "index.html").read_text("utf-8")
    assert not re.search(r"\son\w+=|\sstyle=|<style|https?://", document)
    for path in PAGE.glob("*.js"):
        assert not re.search(
            r"innerHTML|insertAdjacentHTML|document\.write|eval\(|https?://", path.read_text("utf-8")
        ), path.name


def test_that_every_sentence_of_the_page_has_its_arabic():
    words = (PAGE / "words.js").read_text("utf-8")
    table = words[words.index("{") : words.index("};")].replace(":\n\t\t", ": ")
    arabic = dict(re.findall(r'^\t"?(.+?)"?: "(.+)",$', table, re.MULTILINE))
    document = (PAGE / "index.html").read_text("utf-8")
    said = set(re.findall(r"data-say[^>]*>([^<]+)<", document)) | set(re.findall(r'data-label="([^"]+)"', document))
    said |= {"sent", "delivered"}
    for path in (PAGE / "main.js", PAGE / "view.js"):
        script = path.read_text("utf-8")
        said |= set(re.findall(r'"([A-Z][^"]* [^"]*|[^"]*…)"', script)) | set(re.findall(r'words\("([^"]+)"', script))
        for constant in re.findall(r"^const [A-Z_]+ = (.+);$", script, re.MULTILINE):
            said |= set(re.findall(r'"([^"]+)"', constant))
    assert said == arabic.keys(), said ^ arabic.keys()
    assert all(re.search(r"[\u0600-\u06ff]", text) for english, text in arabic.items() if english != "العربية")
    for english, text in arabic.items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", text)), english


@pytest.mark.browser
def test_that_the_customer_may_press_what_the_engine_says(state):
    for path in sorted((RESOURCES / "workflows").glob("*.yaml")):
        workflow = load_workflow(path.read_text("utf-8"), path.name)
        plain = json.loads(msgspec.json.encode(workflow))
        for status in workflow.statuses:
            pressed = state("presses", plain["transitions"], status)
            assert [name for name, _ in pressed] == [name for name, _ in buttons(workflow, status, "customer")]


@pytest.mark.browser
@given(position=st.integers(1, 9), delivered=st.integers(0, 9), read=st.integers(0, 9))
def test_that_a_tick_means_here_what_it_means_at_the_desk(state, position, delivered, read):
    other = {"side": "staff", "delivered_position": delivered, "read_position": read}
    own = {"side": "customer", "delivered_position": 9, "read_position": 9}
    assert state("delivery", position, [own, other]) == of_position(position, delivered, read)


@pytest.mark.browser
def test_that_ids_made_here_are_ids_in_order(state):
    made = [state("newId") for _ in range(50)]
    assert all(is_id(one) and one[14] == "7" and one[19] in "89ab" for one in made)
    assert [one[:13] for one in made] == sorted(one[:13] for one in made)
    assert len(set(made)) == 50


@pytest.mark.browser
@given(cursor=st.integers(0, 9), start=st.integers(1, 12), more=st.integers(0, 3))
def test_that_changes_are_applied_skipped_or_fetched_by_their_numbers_alone(state, cursor, start, more):
    to = start + more
    expected = "gap" if start > cursor + 1 else "old" if to <= cursor else "apply"
    assert state("placeOf", {"epoch": "e", "cursor": cursor}, {"epoch": "e", "from": start, "to": to}) == expected
    assert state("placeOf", {"epoch": "e", "cursor": cursor}, {"epoch": "f", "from": start, "to": to}) == "gap"


@pytest.mark.browser
def test_that_the_wait_before_the_next_try_grows_and_has_an_end(state):
    for failures, most in ((0, 1_000), (3, 8_000), (50, 30_000)):
        assert all(0 <= state("pause", failures) <= most for _ in range(20))


@pytest.fixture(scope="module")
def state(server):
    """Calls a function of state.js in the browser."""
    with customer_browser() as browser:
        browser.open(f"{server.url}/chat")

        def call(name, *arguments):
            return browser.run(
                "import('/web/state.js').then((state) => done(state[arguments[0]](...arguments[1])))", name, arguments
            )

        yield call
