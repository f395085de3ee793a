"""Tests that a failing statement tells of itself and not of the values it was given: errors are logged."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from server.store import sqlite
from server.store.settings import StoreSettings
from server.store.store import Store


def test_that_an_error_names_the_statement_and_hides_its_values(tmp_path: Path) -> None:
    settings = StoreSettings(tmp_path)
    Store.open(settings).close()
    connection = sqlite.connect(settings.database, settings)
    try:
        with pytest.raises(sa.exc.OperationalError) as caught:
            sqlite.queries_over(connection).execute(sa.text("SELECT nothing FROM meta WHERE key = :k"), {"k": "secret"})
    finally:
        connection.close()
    assert "SELECT nothing FROM meta" in str(caught.value)
    assert "secret" not in str(caught.value)
