"""The desktop's figures: a profile with very many bookings, started with no network."""
