"""What the screen is about, as plain values: no Qt, no I/O."""
