"""Drafts survive whatever happens to the window."""

from tests.support.desk_builders import ANN, BEN, fresh_profile


def test_that_drafts_survive_a_restart_per_person_booking_and_kind(tmp_path):
    profile = fresh_profile(tmp_path)
    drafts = profile.outbox.drafts
    drafts.save(ANN.user_id, "a", "Good after")
    drafts.save(ANN.user_id, "a", "Good afternoon Omar,")
    drafts.save(ANN.user_id, "a", "VIP", "note")
    drafts.save(BEN.user_id, "a", "Ben's")
    profile.close()
    profile = fresh_profile(tmp_path)
    drafts = profile.outbox.drafts
    assert drafts.text(ANN.user_id, "a") == "Good afternoon Omar,"
    assert drafts.text(ANN.user_id, "a", "note") == "VIP"
    assert drafts.text(BEN.user_id, "a") == "Ben's"
    assert drafts.among(ANN.user_id, ["a", "b"]) == {"a"}
    profile.close()


def test_that_a_draft_of_nothing_but_space_is_none(tmp_path):
    profile = fresh_profile(tmp_path)
    profile.outbox.drafts.save(ANN.user_id, "a", "x")
    profile.outbox.drafts.save(ANN.user_id, "a", " \n ")
    assert profile.outbox.drafts.text(ANN.user_id, "a") == ""
    assert profile.outbox.drafts.among(ANN.user_id, ["a"]) == set()
    profile.close()
