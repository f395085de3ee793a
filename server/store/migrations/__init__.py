"""The database's steps from one shape to the next, run at start."""
