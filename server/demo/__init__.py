"""Accounts and bookings to look at: invented people, made through the same actions as real ones."""
