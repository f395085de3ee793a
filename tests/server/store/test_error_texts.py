"""Tests that a failing statement tells of itself and not of the values it was given: errors are logged."""

import contextlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.store.database import connect
from server.store.store import Store
from tests.support.engines import settings_for


def test_that_an_error_names_the_statement_and_hides_its_values(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    Store.open(settings).close()
    with contextlib.closing(connect(settings)) as link, pytest.raises(sa.exc.DBAPIError) as caught:
        link.queries.execute(sa.text("SELECT nothing FROM meta WHERE key = :k"), {"k": "secret"})
    assert "SELECT nothing FROM meta" in str(caught.value)
    assert "secret" not in str(caught.value)
