"""TOML, INI and index files in: each mistake told with its place, all of them in one run."""
