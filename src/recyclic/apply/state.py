"""The states a transaction goes through, in order."""

from enum import StrEnum


class State(StrEnum):
    """What is true once it is reached."""

    PLANNED = "planned"
    """The journal knows what will be done."""
    STAGED = "staged"
    """Everything new lies ready beside what is live. Nothing live changed so far."""
    FROZEN = "frozen"
    """No other run of ours can change the site or its Paheko, and Paheko was seen ready again after
    staging, which may have taken minutes. People can still write."""
    SNAPSHOTTED = "snapshotted"
    """What the next steps change can be restored."""
    SWITCHED = "switched"
    """The new generation is live."""
    VERIFIED = "verified"
    """It was seen to work."""
    COMMITTED = "committed"
    """It stays: from here an interruption is finished, not undone."""
