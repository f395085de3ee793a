"""Who has no account is told so as slowly as who has a wrong password."""

from argon2 import Parameters, extract_parameters

from server.access import passwords


def test_that_what_nobodys_password_is_checked_against_costs_as_much_as_a_real_one() -> None:
    real: Parameters = extract_parameters(passwords.hash_password("a password"))
    assert extract_parameters(passwords._NOBODYS) == real


def test_that_no_password_is_nobodys() -> None:
    assert not passwords.check_password(None, "nobody's")
    assert passwords.check_password(passwords.hash_password("somebody's"), "somebody's")
