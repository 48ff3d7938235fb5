"""The schema of the till's file, as the steps that lead to it from an empty one."""

_FIRST = (
    """CREATE TABLE till_session (
        id TEXT NOT NULL PRIMARY KEY,
        till TEXT NOT NULL,
        day TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        opened_by TEXT NOT NULL,
        opening_cash_cents INTEGER NOT NULL,
        closed_at TEXT,
        closed_by TEXT,
        counted_cash_cents INTEGER)""",
    "CREATE UNIQUE INDEX one_open_session_a_till ON till_session (till) WHERE closed_at IS NULL",
    "CREATE INDEX till_session_by_day ON till_session (day, id)",
    """CREATE TABLE sale (
        id TEXT NOT NULL PRIMARY KEY,
        session_id TEXT NOT NULL REFERENCES till_session (id),
        number INTEGER NOT NULL,
        day TEXT NOT NULL,
        sold_at TEXT NOT NULL,
        sold_by TEXT NOT NULL,
        total_cents INTEGER NOT NULL,
        change_cents INTEGER NOT NULL CHECK (change_cents >= 0),
        weight_g INTEGER NOT NULL,
        refund_of TEXT REFERENCES sale (id),
        note TEXT NOT NULL,
        request_key TEXT UNIQUE,
        request_digest TEXT,
        UNIQUE (session_id, number))""",
    "CREATE INDEX sale_by_day ON sale (day, id)",
    "CREATE INDEX sale_by_refunded ON sale (refund_of) WHERE refund_of IS NOT NULL",
    """CREATE TABLE sale_line (
        sale_id TEXT NOT NULL REFERENCES sale (id),
        position INTEGER NOT NULL,
        label TEXT NOT NULL,
        category TEXT NOT NULL,
        quantity INTEGER NOT NULL CHECK (quantity <> 0),
        unit_price_cents INTEGER NOT NULL CHECK (unit_price_cents >= 0),
        discount_cents INTEGER NOT NULL CHECK (discount_cents >= 0),
        amount_cents INTEGER NOT NULL,
        weight_g INTEGER NOT NULL,
        PRIMARY KEY (sale_id, position))""",
    """CREATE TABLE payment (
        sale_id TEXT NOT NULL REFERENCES sale (id),
        position INTEGER NOT NULL,
        method TEXT NOT NULL,
        tendered_cents INTEGER NOT NULL,
        amount_cents INTEGER NOT NULL,
        PRIMARY KEY (sale_id, position))""",
)

STEPS = (_FIRST,)
"""Step n leads from version n - 1 to n. A released step never changes; a new one is added."""
