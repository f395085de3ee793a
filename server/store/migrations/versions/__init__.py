"""One step a file; a published step is never edited."""
