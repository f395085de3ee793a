"""What is measured, one figure or family of figures a file."""
