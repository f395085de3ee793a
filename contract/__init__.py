"""What travels between the programs: shapes and pure functions, imported by server and desktop alike."""
