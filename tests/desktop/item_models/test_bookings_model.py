"""The bookings list as a Qt model: windows of a long order, read only where someone looks."""

from array import array
from collections.abc import Sequence

from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester

from desktop.item_models.bookings_model import PAGE, BookingsModel
from desktop.item_models.roles import ID_ROLE, LINE_ROLE
from desktop.state.lines import BookingLine
from tests.support.sample_desk_data import booking_line


class CountedRows:
    """Makes a row for every number but those that are gone, and keeps what was asked for."""

    def __init__(self, gone: frozenset[int] = frozenset()) -> None:
        self.gone = gone
        self.asked: list[int] = []

    def __call__(self, numbers: Sequence[int]) -> list[BookingLine]:
        self.asked += numbers
        return [booking_line(number, f"Customer {number}") for number in numbers if number not in self.gone]


def made(rows: CountedRows, count: int) -> BookingsModel:
    model = BookingsModel(rows, lambda line: f"row of {line.customer_name}")
    model.set_order(array("q", range(count)))
    return model


def test_that_qts_own_checks_pass_through_every_change_of_the_order(qtmodeltester: ModelTester) -> None:
    model = made(CountedRows(), 3000)
    qtmodeltester.check(model)
    model.reread()
    model.set_order(array("q", [5, 3, 9]))
    model.set_order(array("q", [9, 3, 5]))
    model.set_order(array("q"))
    model.set_order(array("q", range(10)))
    qtmodeltester.check(model)


def test_that_only_the_pages_somebody_looks_at_are_read() -> None:
    rows = CountedRows()
    model = made(rows, 100_000)
    assert model.total == 100_000
    assert rows.asked == []
    assert model.index(3).data() == "Customer 3"
    assert rows.asked == list(range(PAGE))
    model.index(4).data(LINE_ROLE)
    assert len(rows.asked) == PAGE


def test_that_a_row_is_found_by_its_number() -> None:
    model = made(CountedRows(), 5000)
    assert model.row_of(3005) == 3005
    assert model.row_of(99_999) is None


def test_that_another_order_of_the_same_length_is_a_change_too() -> None:
    model = made(CountedRows(), 3)
    model.index(0).data()
    model.set_order(array("q", [2, 1, 0]))
    assert [model.index(row).data(ID_ROLE) for row in range(3)] == ["b-2", "b-1", "b-0"]


def test_that_rows_can_be_chosen_but_not_edited() -> None:
    model = made(CountedRows(), 1)
    flags = model.index(0).flags()
    assert flags & Qt.ItemFlag.ItemIsSelectable
    assert not flags & Qt.ItemFlag.ItemIsEditable


def test_that_a_booking_gone_from_the_store_leaves_the_others_in_their_places() -> None:
    model = made(CountedRows(gone=frozenset({1})), 3)
    assert [model.index(row).data(ID_ROLE) for row in range(3)] == ["b-0", None, "b-2"]


def test_that_a_changed_row_is_read_again() -> None:
    rows = CountedRows()
    model = made(rows, 10)
    model.index(0).data()
    model.reread()
    model.index(0).data()
    assert len(rows.asked) == 20


def test_that_the_same_order_again_changes_nothing(qtbot) -> None:  # type: ignore[no-untyped-def]
    model = made(CountedRows(), 10)
    with qtbot.assertNotEmitted(model.modelReset), qtbot.assertNotEmitted(model.dataChanged):
        model.set_order(array("q", range(10)))


def test_that_a_change_of_one_booking_reads_and_repaints_its_row_alone(qtbot) -> None:  # type: ignore[no-untyped-def]
    rows = CountedRows()
    model = made(rows, 1000)
    model.index(0).data()
    rows.asked.clear()
    with qtbot.waitSignal(model.dataChanged) as told:
        model.reread(frozenset({"b-7", "b-900"}))
    assert rows.asked == [7], "b-900 was never looked at"
    assert (told.args[0].row(), told.args[1].row()) == (7, 7)


def test_that_a_row_has_a_sentence_for_screen_readers() -> None:
    model = made(CountedRows(), 1)
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "row of Customer 0"
