"""Writes the beginning of a new module: small, complete, and passing its own tests at once."""
