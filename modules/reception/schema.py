"""The schema of the deposits' file, as the steps that lead to it from an empty one."""

_FIRST = (
    """CREATE TABLE deposit (
        id TEXT NOT NULL PRIMARY KEY,
        day TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        recorded_by TEXT NOT NULL,
        source TEXT NOT NULL,
        note TEXT NOT NULL,
        weight_g INTEGER NOT NULL,
        corrects TEXT UNIQUE REFERENCES deposit (id),
        request_key TEXT UNIQUE,
        request_digest TEXT)""",
    "CREATE INDEX deposit_by_day ON deposit (day, id)",
    """CREATE TABLE deposit_line (
        deposit_id TEXT NOT NULL REFERENCES deposit (id),
        position INTEGER NOT NULL,
        category TEXT NOT NULL,
        weight_g INTEGER NOT NULL CHECK (weight_g <> 0),
        PRIMARY KEY (deposit_id, position))""",
)

STEPS = (_FIRST,)
"""Step n leads from version n - 1 to n. A released step never changes; a new one is added."""
