"""The HTTP doors described, for programs and for people."""
