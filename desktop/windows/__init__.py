"""Widgets put together and connected; nothing else."""
