"""Workflow files: what is wrong with one is said with its file and line, all of it at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.workflow_file import WorkflowError, check_workflows, load_workflow

GOOD = """\
name: parcel
title: {en: Parcel, ar: طرد}
code_prefix: PAR
statuses:
  new: {label: {en: New, ar: جديد}, tone: amber, first: true}
  done: {label: {en: Done, ar: تم}, tone: grey, final: true}
on_create: {en: Received., ar: وصل.}
clocks:
  answer: {seconds: 60, on_create: true}
transitions:
  finish:
    from: [new]
    to: done
    by: [operator]
    button: {en: Finish, ar: إنهاء}
    system:
      en: "Done: {reason}"
      ar: "تم: {reason}"
    ask:
      reason: {label: {en: Reason, ar: السبب}}
    clocks: {stop: [answer]}
"""
WITH_BIDS = (
    GOOD.replace("code_prefix", "features: [marketplace, bids]\ncode_prefix")
    + """\
bids:
  accept_by: [customer]
  press: take
  placed: {en: "{name}: {amount}", ar: "{amount}"}
  accepted: {en: "{amount}", ar: نعم}
  declined: {en: "No", ar: لا}
"""
)
WITH_BIDS = WITH_BIDS.replace(
    "transitions:\n",
    """transitions:
  take:
    from: [new]
    to: done
    by: [operator]
    button: {en: Take, ar: أخذ}
    system: {en: Taken, ar: أخذ}
""",
)
WORKFLOWS = Path(__file__).parents[2] / "resources" / "workflows"

MISTAKES = [
    ("first: true}", "frist: true}", 5, "there is no key 'frist' here"),
    ("first: true}", "first: true, extra: 1}", 5, "there is no key 'extra' here"),
    (", first: true", "", 4, "no status is marked first: true"),
    ("tone: grey, final: true", "tone: grey, final: true, first: true", 6, "both new and done are marked first"),
    ("to: done", "to: finished", 13, "leads to the unknown status 'finished'"),
    ("    to: done\n", "", 11, "leads to the unknown status ''"),
    ("from: [new]", "from: [new, old]", 12, "leads from the unknown status 'old'"),
    ("from: [new]", "from: []", 12, "finish leads from nowhere"),
    ("from: [new]", "from: [done]", 6, "no way leads to the status done"),
    (", final: true", "", 6, "no way leads out of done"),
    ("{en: New, ar: جديد}", "{en: New}", 5, "the ar text is missing"),
    ("{en: Parcel, ar: طرد}", "{ar: طرد}", 2, "the en text is missing"),
    ("{en: Finish, ar: إنهاء}", "{en: Finish, ar: ''}", 15, "the ar text is missing"),
    ('      ar: "تم: {reason}"\n', "", 16, "the ar text is missing"),
    ("{en: Received., ar: وصل.}", "{en: Received.}", 7, "the ar text is missing"),
    ("{en: Reason, ar: السبب}", "{en: Reason}", 20, "the ar text is missing"),
    ("by: [operator]", "by: [operator, boss]", 14, "there is no role 'boss'"),
    ("by: [operator]", "by: []", 14, "nobody may press finish"),
    ("tone: grey", "tone: pink", 6, "Invalid enum value 'pink'; known are amber"),
    ('en: "Done: {reason}"', 'en: "Done: {cause}"', 17, "the text wants {cause}"),
    ("{en: Received., ar: وصل.}", "{en: 'Hi {name}', ar: وصل.}", 7, "the text wants {name}"),
    ("stop: [answer]", "stop: [anwser]", 21, "would stop the unknown clock 'anwser'"),
    ("seconds: 60", "seconds: 0", 9, "must run for at least a second"),
    ("seconds: 60", "seconds: soon", 9, "Expected `int`, got `str`"),
    ("code_prefix: PAR", "code_prefix: parcel", 3, "two to five capital letters"),
    ("name: parcel", "name: Parcel!", 1, "small letters, digits and underscores"),
    ("code_prefix: PAR\n", "", 1, "the key code_prefix is missing"),
    ("    to: done", "    to: done\n    to: new", 14, "to is written twice"),
    ("    to: done", "    to: [done", 14, "expected ',' or ']'"),
    ("title: {en: Parcel, ar: طرد}", "title: &a {en: Parcel, ar: طرد}\nmore: *a", 2, "references (*name) are not used"),
]


@pytest.mark.parametrize(("good", "bad", "line", "sentence"), MISTAKES, ids=[case[3] for case in MISTAKES])
def test_that_a_mistake_is_named_with_its_file_and_line(good, bad, line, sentence):
    text = GOOD.replace(good, bad, 1)
    assert text != GOOD
    with pytest.raises(WorkflowError) as caught:
        load_workflow(text, "parcel.yaml")
    said = str(caught.value).splitlines()
    assert any(said_line.startswith(f"parcel.yaml:{line}: ") and sentence in said_line for said_line in said), said


@pytest.mark.parametrize(
    ("good", "bad", "line", "sentence"),
    [
        ("[marketplace, bids]", "[marketplace]", 3, "go together"),
        ("[marketplace, bids]", "[bids]", 29, "name the feature marketplace"),
        ("[customer]", "[]", 30, "nobody may accept a bid"),
        ("[customer]", "[boss]", 30, "there is no role 'boss'"),
        ("press: take", "press: give", 31, "no transition 'give' leads from the first status"),
        (', ar: "{amount}"}', "}", 32, "the ar text is missing"),
        ("ar: نعم", "ar: '{name}'", 33, "the text wants {name}"),
        ("press: take", "press: finish", 31, "which asks for something"),
    ],
)
def test_that_a_mistake_about_bids_is_named_too(good, bad, line, sentence):
    assert load_workflow(WITH_BIDS, "parcel.yaml").bids is not None
    with pytest.raises(WorkflowError, match=rf"parcel\.yaml:{line}: .*{sentence}"):
        load_workflow(WITH_BIDS.replace(good, bad), "parcel.yaml")


def test_that_every_mistake_of_a_file_is_listed_in_the_order_of_its_lines():
    text = GOOD.replace("first: true", "frist: true").replace("to: done", "to: dune").replace("operator", "boss")
    with pytest.raises(WorkflowError) as caught:
        load_workflow(text, "parcel.yaml")
    lines = [int(said.split(":")[1]) for said in str(caught.value).splitlines()]
    assert lines == sorted(lines)
    assert {4, 5, 13, 14} <= set(lines)


def test_that_the_example_of_these_tests_is_itself_without_a_mistake():
    assert load_workflow(GOOD, "parcel.yaml").first_status == "new"


def test_that_a_waiting_status_may_have_only_an_automatic_way_out_and_then_needs_no_button():
    text = GOOD.replace("    button: {en: Finish, ar: إنهاء}\n", "    auto: on_staff_message\n")
    assert load_workflow(text, "parcel.yaml").transitions["finish"].button == {}


def test_that_two_workflows_may_share_neither_name_nor_code_prefix():
    one, other = load_workflow(GOOD, "one.yaml"), load_workflow(GOOD.replace("name: parcel", "name: post"), "two.yaml")
    with pytest.raises(WorkflowError, match=r"parcel and post: both have the code prefix 'PAR'"):
        check_workflows([one, other])
    with pytest.raises(WorkflowError, match="both have the name 'parcel'"):
        check_workflows([one, one])
    check_workflows([one])


@given(st.text() | st.text(alphabet="[]{}:,-&*!|>'\"%@# \n\tab1").map(lambda text: GOOD[:60] + text))
def test_that_no_text_whatever_gets_past_as_anything_but_a_workflow_error(text):
    with pytest.raises(WorkflowError, match=r"^x\.yaml:\d+: "):
        load_workflow(text, "x.yaml")


def test_that_brackets_without_end_are_refused_and_not_a_crash():
    with pytest.raises(WorkflowError, match=r"^x\.yaml:1: "):
        load_workflow("[" * 100_000, "x.yaml")


def test_that_the_five_businesses_load_side_by_side():
    workflows = [load_workflow(path.read_text("utf-8"), path.name) for path in sorted(WORKFLOWS.glob("*.yaml"))]
    check_workflows(workflows)
    assert [workflow.name for workflow in workflows] == ["chat", "dental", "protection", "support", "techcare"]
    assert [path.stem for path in sorted(WORKFLOWS.glob("*.yaml"))] == [workflow.name for workflow in workflows]
