"""Supabase's realtime on our socket: topics `realtime:…` with changes of rows, broadcast and presence."""
