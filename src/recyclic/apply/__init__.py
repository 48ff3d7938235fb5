"""A plan carried out as one transaction: all of it happens, or nothing of it."""
