"""The accounting of a stand-in Paheko: its tables, and what it accepts, cuts and refuses.

Source: Paheko 1.3.22.1 observed over its HTTP API; the French sentences are its own words.
"""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

ADVANCED = 0
TYPES = {"ADVANCED": 0, "REVENUE": 1, "EXPENSE": 2, "TRANSFER": 3, "DEBT": 4, "CREDIT": 5}

SCHEMA = """
CREATE TABLE IF NOT EXISTS config (key TEXT NOT NULL PRIMARY KEY, value TEXT NULL);
CREATE TABLE IF NOT EXISTS users (
    id INTEGER NOT NULL PRIMARY KEY, numero TEXT, nom TEXT NOT NULL, email TEXT,
    id_category INTEGER);
CREATE TABLE IF NOT EXISTS acc_charts (
    id INTEGER NOT NULL PRIMARY KEY, country TEXT, code TEXT, label TEXT NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS acc_accounts (
    id INTEGER NOT NULL PRIMARY KEY, id_chart INTEGER NOT NULL REFERENCES acc_charts (id),
    code TEXT NOT NULL, label TEXT NOT NULL, type INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS acc_years (
    id INTEGER NOT NULL PRIMARY KEY, label TEXT NOT NULL, start_date TEXT NOT NULL,
    end_date TEXT NOT NULL, status INTEGER NOT NULL DEFAULT 0,
    id_chart INTEGER NOT NULL REFERENCES acc_charts (id));
CREATE TABLE IF NOT EXISTS acc_transactions (
    id INTEGER PRIMARY KEY NOT NULL, type INTEGER NOT NULL DEFAULT 0,
    status INTEGER NOT NULL DEFAULT 0, label TEXT NOT NULL, notes TEXT, reference TEXT,
    date TEXT NOT NULL CHECK (date(date) IS NOT NULL AND date(date) = date), hash TEXT,
    id_year INTEGER NOT NULL REFERENCES acc_years (id), id_creator INTEGER);
CREATE TABLE IF NOT EXISTS acc_transactions_lines (
    id INTEGER PRIMARY KEY NOT NULL,
    id_transaction INTEGER NOT NULL REFERENCES acc_transactions (id) ON DELETE CASCADE,
    id_account INTEGER NOT NULL REFERENCES acc_accounts (id),
    credit INTEGER NOT NULL, debit INTEGER NOT NULL, reference TEXT, label TEXT,
    CONSTRAINT line_check1 CHECK ((credit * debit) = 0),
    CONSTRAINT line_check2 CHECK ((credit + debit) > 0));
"""

ACCOUNTS = (
    ("4110", "Usagers"), ("411", "Usagers et comptes rattachés"), ("419", "Usagers créditeurs"),
    ("445", "État - Taxes"), ("467", "Autres comptes débiteurs"), ("512A", "Compte courant"),
    ("5112", "Chèques à encaisser"), ("5115", "Cartes bancaires à encaisser"), ("53", "Caisse"),
    ("530", "Caisse"), ("580", "Virements internes"), ("658", "Charges diverses"),
    ("678", "Autres charges exceptionnelles"), ("701", "Ventes de produits finis"),
    ("706", "Prestations de services"), ("707", "Ventes de marchandises"),
    ("708", "Produits des activités annexes"), ("754", "Dons"), ("756", "Cotisations"),
    ("758", "Produits divers"), ("778", "Autres produits exceptionnels"),
)  # fmt: skip


class Refused(Exception):  # noqa: N818 - what the API answers, not a fault of the stand-in
    """Paheko says no, with a status and its own sentence."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class Crash(Exception):  # noqa: N818 - what PHP answers with a 500 in plain text
    """Paheko falls over: an array where text was expected, or a locked database."""


@dataclass(frozen=True, slots=True)
class Year:
    """One accounting year to open; ``status`` 0 open, 1 closed, 2 locked."""

    label: str
    start: date
    end: date
    status: int = 0


def usual_year() -> Year:
    """An open year around today, long enough that no test meets its end."""
    this = date.today().year
    return Year(f"Exercice {this}", date(this, 1, 1), date(this + 1, 12, 31))


def prepare_books(database: sqlite3.Connection, years: Sequence[Year]) -> None:
    """Create the tables, the French chart (its common accounts) and ``years``; ids from 1."""
    database.executescript(SCHEMA)
    database.execute(
        "INSERT INTO acc_charts (id, country, code, label) VALUES"
        " (1, 'FR', 'PCA_2025', 'Plan comptable associatif (révision 2025)')"
    )
    database.executemany(
        "INSERT INTO acc_accounts (id_chart, code, label) VALUES (1, ?, ?)", ACCOUNTS
    )
    database.execute("INSERT INTO users (id, numero, nom, id_category) VALUES (1, '1', 'Admin', 1)")
    database.execute("INSERT INTO config (key, value) VALUES ('org_name', 'Stand-in')")
    for year in years:
        database.execute(
            "INSERT INTO acc_years (label, start_date, end_date, status, id_chart)"
            " VALUES (?, ?, ?, ?, 1)",
            (year.label, year.start.isoformat(), year.end.isoformat(), year.status),
        )
    database.commit()


def cents(value: Any) -> int:
    """What Paheko makes of an amount in euros: cents, a third decimal cut, no sign."""
    if isinstance(value, (list, dict)):
        raise Crash("Invalid argument type: array")
    if value is None or value is False:
        return 0
    text = repr(value) if isinstance(value, float) else str(value)
    text = re.sub(r"\s", "", "1" if value is True else text).lstrip("+")
    if "e" in text.lower():
        text = f"{float(text):f}"
    if text.startswith(",") or text.rfind(",") > text.rfind("."):
        text = text.replace(".", "").replace(",", ".")
    text = text.replace(",", "") or "0"
    if re.fullmatch(r"-?(?:\d+|\d*\.\d+)", text) is None:
        raise Refused(f"Le montant est invalide : {value}. Exemple de format accepté : 142,02")
    whole, _, rest = text.partition(".")
    return abs(int(whole.lstrip("-") or "0") * 100 + int(rest[:2].ljust(2, "0")))


def day(value: Any) -> date:
    """What Paheko makes of a date; the 31st of February is the 3rd of March."""
    if isinstance(value, (list, dict)):
        raise Refused("Invalid date object")
    text = str(value or "").strip()
    if not text:
        raise Refused("Le champ date ne peut rester vide.")
    time = r"(?: \d{1,2}:\d{2}(?::\d{2})?)?"
    if found := re.fullmatch(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){time}", text):
        year, month, number = (int(part) for part in found.groups())
    elif found := re.fullmatch(rf"(\d{{1,2}})/(\d{{1,2}})/(\d{{4}}){time}", text):
        number, month, year = (int(part) for part in found.groups())
    else:
        raise Refused(f"Format de date invalide (merci d'utiliser le format JJ/MM/AAAA) : {text}")
    if not 1 <= month <= 12 or not 1 <= number <= 31:
        raise Refused(f"Format de date invalide (merci d'utiliser le format JJ/MM/AAAA) : {text}")
    return date(year, month, 1) + timedelta(days=number - 1)


def _year_id(database: sqlite3.Connection, source: Mapping[str, Any]) -> int | None:
    asked = source.get("id_year")
    if asked == "current":
        query = (
            "SELECT id FROM acc_years WHERE status = 0 ORDER BY"
            " start_date <= date() AND end_date >= date() DESC, start_date DESC LIMIT 1"
        )
        row = database.execute(query).fetchone()
    elif asked == "match":
        when = day(source["date"]).isoformat() if source.get("date") else date.today().isoformat()
        query = (
            "SELECT id FROM acc_years WHERE status = 0 AND start_date <= ? AND end_date >= ?"
            " ORDER BY start_date LIMIT 1"
        )
        row = database.execute(query, (when, when)).fetchone()
    else:
        text = str(asked or "")
        return int(text) if text.isdigit() else None
    if row is None:
        raise Refused(f'Cannot find a valid open year matching "{asked}"')
    return int(row[0])


@dataclass(frozen=True, slots=True)
class _Line:
    account: int
    debit: int
    credit: int
    label: str | None
    reference: str | None


def _lines(
    database: sqlite3.Connection, source: Mapping[str, Any], year: int | None
) -> list[_Line]:
    lines = source.get("lines") or []
    if TYPES.get(str(source.get("type", "")).upper(), ADVANCED) != ADVANCED:
        if not source.get("amount"):
            raise Refused("Montant non précisé")
        shared = {"reference": source.get("payment_reference")}
        lines = [
            {"account": source.get("debit"), "debit": source["amount"], **shared},
            {"account": source.get("credit"), "credit": source["amount"], **shared},
        ]
    return [_line(database, line, number, year) for number, line in enumerate(lines, 1)]


def _line(
    database: sqlite3.Connection, line: Mapping[str, Any], number: int, year: int | None
) -> _Line:
    code = line.get("account")
    if code is None:
        raise Refused(f"Ligne {number} : aucun compte n'a été sélectionné")
    if year is None:
        raise Refused("L'identifiant de l'exercice comptable n'est pas précisé.")
    query = (
        "SELECT a.id FROM acc_accounts a JOIN acc_years y ON y.id_chart = a.id_chart"
        " WHERE y.id = ? AND a.code = ?"
    )
    row = database.execute(query, (year, str(code))).fetchone()
    if row is None:
        raise Refused(f'Le compte avec le code "{code}" sur la ligne {number} n\'existe pas.')
    return _Line(
        account=int(row[0]),
        debit=cents(line.get("debit")),
        credit=cents(line.get("credit")),
        label=_text(line, "label"),
        reference=_text(line, "reference"),
    )


def _text(source: Mapping[str, Any], key: str) -> str | None:
    value = source.get(key)
    if isinstance(value, (list, dict)):
        raise Crash(f"array given for {key}")
    return None if value is None or str(value).strip() == "" else str(value).strip()


def _euros(amount: int) -> str:
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100},{abs(amount) % 100:02d}"


def _french(when: str) -> str:
    return "/".join(reversed(when.split("-")))


def _check_head(database: sqlite3.Connection, source: Mapping[str, Any], year: int | None) -> str:
    """The label, once the entry's head is acceptable."""
    if year is None:
        raise Refused("L'ID de l'exercice doit être renseigné.")
    label = _text(source, "label")
    if label is None:
        raise Refused("Le champ libellé ne peut rester vide.")
    limits = (
        (label, 200, "libellé"),
        (_text(source, "reference"), 200, "numéro de pièce comptable"),
        (_text(source, "notes"), 2000, "remarques"),
    )
    for text, limit, field in limits:
        if text is not None and len(text.encode()) > limit:
            raise Refused(f"Le champ {field} ne peut faire plus de {limit} caractères.")
    if source.get("type") in (None, ""):
        raise Refused("Type d'écriture inconnu : ")
    creator = source.get("id_creator")
    known = database.execute("SELECT 1 FROM users WHERE id = ?", (creator,)).fetchone()
    if creator is not None and known is None:
        raise Refused("Le membre créateur de l'écriture n'existe pas ou plus")
    return label


def _check_year(database: sqlite3.Connection, year: int, when: date) -> None:
    query = "SELECT label, start_date, end_date, status FROM acc_years WHERE id = ?"
    row = database.execute(query, (year,)).fetchone()
    label, start, end, status = row or ("", "", "", 0)
    if status != 0:
        raise Refused("Impossible de modifier un exercice clôturé.")
    if not start <= when.isoformat() <= end:
        raise Refused(
            f"La date ({_french(when.isoformat())}) de l'écriture ne correspond pas à l'exercice"
            f' "{label}" : la date doit être entre le {_french(start)} et le {_french(end)}.'
        )


def _check_balance(lines: Sequence[_Line]) -> None:
    if not lines:
        raise Refused("Cette écriture ne comporte aucune ligne.")
    if len(lines) < 2:
        raise Refused("Cette écriture comporte moins de deux lignes.")
    for number, line in enumerate(lines, 1):
        if not line.debit and not line.credit:
            raise Refused(f"Ligne {number}: Aucun montant au débit ou au crédit")
        if line.debit and line.credit:
            raise Refused(f"Ligne {number}: non équilibrée, crédit ou débit doit valoir zéro.")
    total = sum(line.credit - line.debit for line in lines)
    if total:
        raise Refused(
            f"Écriture non équilibrée : déséquilibre ({_euros(total)}) entre débits et crédits"
        )


def create_transaction(database: sqlite3.Connection, source: Mapping[str, Any]) -> int:
    """Store one entry and return its id; the caller commits.

    Raises:
        Refused: In Paheko's words.
        Crash: Where Paheko answers 500.
    """
    year = _year_id(database, source)
    lines = _lines(database, source, year)
    label = _check_head(database, source, year)
    assert year is not None
    when = day(source.get("date"))
    _check_year(database, year, when)
    _check_balance(lines)
    kind = TYPES.get(str(source["type"]).upper(), ADVANCED)
    head = (kind, label, _text(source, "notes"), _text(source, "reference"), when.isoformat(),
            year, source.get("id_creator"))  # fmt: skip
    made = database.execute(
        "INSERT INTO acc_transactions (type, label, notes, reference, date, id_year, id_creator)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        head,
    )
    database.executemany(
        "INSERT INTO acc_transactions_lines"
        " (id_transaction, id_account, debit, credit, label, reference) VALUES (?, ?, ?, ?, ?, ?)",
        [(made.lastrowid, x.account, x.debit, x.credit, x.label, x.reference) for x in lines],
    )
    assert made.lastrowid is not None
    return made.lastrowid


def read_transaction(database: sqlite3.Connection, number: int) -> dict[str, Any]:
    """One entry as the API gives it back, amounts in cents.

    Raises:
        Refused: 404 for an unknown id.
    """
    cursor = database.execute("SELECT * FROM acc_transactions WHERE id = ?", (number,))
    row = cursor.fetchone()
    if row is None:
        raise Refused(f"Transaction #{number} not found", 404)
    entry = dict(zip((column[0] for column in cursor.description), row, strict=True))
    moment = f"{entry['date']} 00:00:00.000000"
    entry["date"] = {"date": moment, "timezone_type": 3, "timezone": "Europe/Paris"}
    query = (
        "SELECT l.*, a.code AS account_code, a.label AS account_label FROM acc_transactions_lines l"
        " JOIN acc_accounts a ON a.id = l.id_account WHERE l.id_transaction = ? ORDER BY l.id"
    )
    cursor = database.execute(query, (number,))
    columns = [column[0] for column in cursor.description]
    return entry | {"lines": [dict(zip(columns, line, strict=True)) for line in cursor]}


def list_years(database: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every year as ``GET accounting/years`` gives it, the latest first."""
    cursor = database.execute(
        "SELECT y.*, (SELECT COUNT(*) FROM acc_transactions WHERE id_year = y.id)"
        " AS nb_transactions, 0 AS nb_fees, c.label AS chart_name,"
        " CASE y.status WHEN 0 THEN 'open' WHEN 1 THEN 'closed' ELSE 'locked' END"
        " AS status_tag_preset"
        " FROM acc_years y JOIN acc_charts c ON c.id = y.id_chart ORDER BY end_date DESC"
    )
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor]
