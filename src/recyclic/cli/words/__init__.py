"""The words of every code, one file per stage."""
