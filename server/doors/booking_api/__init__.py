"""The seeds' REST, served as their apps call it."""
