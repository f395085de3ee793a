"""A change that is being typed is on disk like a draft, beside those of its booking, and its line is found by id."""

from desktop.config import DesktopConfig
from desktop.intents.edit_message import edit_message
from desktop.intents.live_desk import LiveDesk
from desktop.intents.save_draft import draft, save_draft
from desktop.intents.save_edit import save_edit, unfinished_edit
from desktop.intents.send_message import send_message
from desktop.state.changes import Changes
from desktop.state.lines import UnfinishedEdit
from desktop.sync.desk import build_desk
from tests.desktop.intents.conftest import BOOKING
from tests.support.desk_builders import ANN, message_row

EDIT = UnfinishedEdit("m-1", note=False, stored=True, before="Helo", text="Hello العربية")


def test_that_an_unfinished_edit_lies_beside_the_drafts_and_goes_alone(quiet):
    save_draft(quiet.context, BOOKING, "a reply")
    save_edit(quiet.context, BOOKING, EDIT)
    assert unfinished_edit(quiet.context, BOOKING) == EDIT
    assert draft(quiet.context, BOOKING) == "a reply"
    save_edit(quiet.context, BOOKING, None)
    assert unfinished_edit(quiet.context, BOOKING) is None
    assert draft(quiet.context, BOOKING) == "a reply"


def test_that_sending_a_line_leaves_the_unfinished_edit(quiet):
    save_edit(quiet.context, BOOKING, EDIT)
    send_message(quiet.context, BOOKING, "Something else")
    assert unfinished_edit(quiet.context, BOOKING) == EDIT


def test_that_an_unfinished_edit_survives_a_restart(quiet, tmp_path):
    save_edit(quiet.context, BOOKING, EDIT)
    quiet.desk.close()
    quiet.desk = build_desk(DesktopConfig(profile_dir=tmp_path), Changes())
    quiet.desk.session.me = ANN
    assert LiveDesk(quiet.desk).unfinished_edit(BOOKING) == EDIT


def test_that_a_line_is_found_by_its_id_stored_or_queued_with_its_changes(quiet):
    screen = LiveDesk(quiet.desk)
    row = message_row(BOOKING, "Helo", "operator", position=1)
    quiet.feed("messages", row)
    queued = send_message(quiet.context, BOOKING, "Queued")
    edit_message(quiet.context, BOOKING, row["id"], "Changed")
    stored, waiting = screen.line(BOOKING, row["id"]), screen.line(BOOKING, queued)
    assert stored is not None
    assert (stored.text, stored.position) == ("Changed", 1)
    assert waiting is not None
    assert (waiting.text, waiting.position) == ("Queued", None)
    assert screen.line(BOOKING, "another") is None
    assert screen.line("another", row["id"]) is None
