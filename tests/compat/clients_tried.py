"""The clients that are tried, as the columns of the table in docs/supabase.md name them."""

VERSIONS = ("2.119.0", "2.95.3", "2.81.1", "2.57.4", "2.49.4", "2.38.5")
OLDEST = VERSIONS[-1]
"""Knows errors by their words alone, no codes; and its `send` waits for ever when the server refuses what it sent."""
SUPABASE_JS = tuple(f"supabase-js {version}" for version in VERSIONS)
PYTHON = "supabase-py 2.34.1"
PHOENIX = "phoenix 1.8.16"
IN_CHROMIUM = "Chromium, "
"""Begins the name of a client that is in a page, not in node."""
PAGES = tuple(f"{IN_CHROMIUM}{client}" for client in (SUPABASE_JS[0], SUPABASE_JS[-1]))
CLIENTS = (*SUPABASE_JS, PYTHON, PHOENIX, *PAGES)
SEEDED = (*SUPABASE_JS, PYTHON, *PAGES)
"""Those that the seeds' apps are tried on: phoenix knows nothing of rows."""
