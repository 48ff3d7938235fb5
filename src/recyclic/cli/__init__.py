"""The command line: every word people read is made here."""
