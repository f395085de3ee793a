"""Where everything is kept: tables, the feed written by triggers, one group-committing writer, many readers."""
