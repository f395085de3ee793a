"""The part of Supabase's HTTP that is served: sign-in."""
