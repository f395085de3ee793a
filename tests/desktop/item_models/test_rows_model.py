"""Lists of keyed rows: whatever becomes of them, Qt is told the truth in the fewest words."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester

from desktop.item_models.row_changes import row_changes
from desktop.item_models.rows_model import RowsModel


@dataclass(frozen=True)
class Row:
    key: str
    text: str = ""


KEYS = st.lists(st.sampled_from("abcdefghij"), unique=True)


def rows(keys: str, text: str = "") -> list[Row]:
    return [Row(key, text) for key in keys]


def made(keys: str) -> RowsModel[Row]:
    model: RowsModel[Row] = RowsModel(lambda row: f"{row.key}{row.text}", lambda row: row.key != "x")
    model.show_rows(rows(keys))
    return model


@given(KEYS, KEYS)
def test_that_keeping_both_ends_and_replacing_the_middle_makes_the_new_list(old: list[str], new: list[str]) -> None:
    change = row_changes(old, new)
    end = len(old) - change.after
    assert old[: change.before] + new[change.before : change.before + change.inserted] + old[end:] == new
    assert len(old) - change.removed + change.inserted == len(new)


@given(KEYS, KEYS)
def test_that_the_model_becomes_any_list(old: list[str], new: list[str]) -> None:
    model = made("".join(old))
    model.show_rows(rows("".join(new), "!"))
    assert [model.index(place).data() for place in range(model.rowCount())] == [f"{key}!" for key in new]


def test_that_qts_own_checks_pass_while_rows_come_and_go(qtmodeltester: ModelTester) -> None:
    model = made("abc")
    qtmodeltester.check(model)
    for keys in ("abcd", "0abcd", "0bd", "", "zyx"):
        model.show_rows(rows(keys))
    qtmodeltester.check(model)


def test_that_a_row_keeps_its_place_in_the_view_when_others_come_before_it() -> None:
    model = made("cd")
    held = QPersistentModelIndex(model.index(1))
    model.show_rows(rows("abcd"))
    assert (held.row(), held.data()) == (3, "d")


def test_that_a_row_that_says_something_else_is_a_changed_row_not_a_new_one(qtbot) -> None:
    model = made("abc")
    with qtbot.assertNotEmitted(model.rowsInserted), qtbot.waitSignal(model.dataChanged) as told:
        model.show_rows([Row("a"), Row("b", "!"), Row("c")])
    assert told.args[0].row() == 1


def test_that_a_heading_cannot_be_chosen() -> None:
    model = made("axb")
    assert model.index(1).flags() == Qt.ItemFlag.NoItemFlags
    assert model.index(0).flags() & Qt.ItemFlag.ItemIsSelectable
