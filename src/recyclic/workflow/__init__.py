"""For each installer command, the chain of stages in order; nothing is printed here."""
