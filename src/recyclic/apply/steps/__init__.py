"""The steps of a transaction, one file for each thing they change."""
