"""The operator's desk: windows over a local encrypted cache and outbox."""
