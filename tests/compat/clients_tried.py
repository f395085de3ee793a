"""The clients that are tried, as the columns of the table in docs/supabase.md name them."""

VERSIONS = ("2.119.0", "2.95.3", "2.81.1", "2.57.4", "2.49.4", "2.38.5")
SUPABASE_JS = tuple(f"supabase-js {version}" for version in VERSIONS)
PYTHON = "supabase-py 2.34.1"
PHOENIX = "phoenix 1.8.16"
CLIENTS = (*SUPABASE_JS, PYTHON, PHOENIX)
