"""The whole program, live, when its outbox goes bad under it: what was typed stays, nothing else is lost or claimed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.app import Program
from desktop.config import DesktopConfig
from desktop.windows.last_chance import LastChance
from tests.desktop.windows.test_program import EMAIL, PASSWORD, Run, until, with_booking_open, with_program
from tests.support.running_server import RunningServer, running_server
from tests.support.spoilt_outbox import spoil

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)", extend=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server"), demo=True) as started:
        yield started


def test_that_a_line_typed_over_a_damaged_outbox_stays_and_the_next_start_has_all(
    server: RunningServer, tmp_path: Path, run_on_qt: Run
) -> None:
    config = DesktopConfig(tmp_path, server.url, EMAIL, PASSWORD)

    async def story(program: Program, chance: LastChance) -> None:
        console, booking_id = await with_booking_open(program)
        program._desk.set_work_offline(True)
        console.around.desk.send_message(booking_id, "On disk before", note=False)
        await program._desk.parts.profile.back_up_outbox()
        spoil(program._desk, tmp_path)
        box = console.panes.conversation.composer.input
        QTest.keyClicks(box, "On our way")
        QTest.keyClick(box, Qt.Key.Key_Return)
        await until(lambda: console.around.desk.link.outbox_damaged)
        assert box.toPlainText() == "On our way"
        assert box.isReadOnly()
        assert "start it again" in console.panes.banners._rows[0]._text.text()
        assert program._desk.worker.file_number == 1
        assert all(task.done() for task in program._desk_tasks[:1])
        console.list_side.choose_view("all")
        console.outbox.open()
        console.outbox.panel.close()

    async def again(program: Program, chance: LastChance) -> None:
        console, booking_id = await with_booking_open(program)
        await until(
            lambda: "On disk before" in [line.text for line in console.around.desk.conversation(booking_id, 9).lines]
        )
        assert program._desk.parts.profile.worker.file_number == 1

    run_on_qt(with_program(config, story))
    assert list(tmp_path.glob("cache*damaged*")) == []
    run_on_qt(with_program(config, again))
    assert list(tmp_path.glob("outbox.db.damaged*"))
