"""State as rows: Qt's half of the data."""
