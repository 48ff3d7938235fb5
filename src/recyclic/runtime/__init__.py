"""Boots what config.toml says, and nothing else. Knows the file, never the installer."""
