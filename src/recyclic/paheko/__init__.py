"""Drives one real Paheko from outside: its command line, its pages, its folders, its database.

Nothing of Paheko is trusted to have happened because a command said so: every state is read back.
"""
