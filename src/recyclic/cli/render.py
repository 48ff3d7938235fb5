"""Findings and errors to words and to JSON: one value, two renderings."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import orjson

from recyclic.cli.language import _
from recyclic.cli.printable import printable
from recyclic.cli.words import words_for
from recyclic.cli.words.entry import Words
from recyclic.cli.words.fact_words import spoken
from recyclic.cli.words.system import system_words
from recyclic.errors import RecyclicError
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, Place, Severity

JSON_FORMAT = 1
"""The value of ``format``, the first key of every JSON document that is printed."""


_ABOUT_SECRETS = ("RCY-C012", "RCY-M060")


class _Facts(dict[str, Any]):
    """Facts for a template: a missing one shows as ``?`` rather than break the message."""

    def __missing__(self, name: str) -> str:
        return "?"


def _shown(value: object) -> object:
    """Sequences read as ``a, b, c``; everything else as it is."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(str(item) for item in value)
    return value


def fill(template: str, facts: Mapping[str, Any]) -> str:
    """``template`` in the user's language with ``facts`` in it; control characters made visible."""
    if not template:
        return ""
    shown = _Facts({name: _shown(spoken(name, value)) for name, value in facts.items()})
    return printable(Formatter().vformat(_(template), (), shown))


def _reason(words: Words | None, facts: Mapping[str, Any]) -> str:
    """The cause in words; empty when all it could name is a list with nothing in it."""
    if words is None:
        return ""
    named = [name for _text, name, _format, _conversion in Formatter().parse(words.because) if name]
    if named and all(facts.get(name, "") in ([], ()) for name in named):
        return ""
    return fill(words.because, facts)


def _snippet(place: Place) -> list[str]:
    """The line at fault with a caret under it, or nothing when it cannot be shown."""
    if not place.line or not place.column:
        return []
    try:
        with Path(place.file).open("rb") as file:
            lines = file.read(1 << 20).decode("utf-8", "replace").split("\n")
        line = printable(lines[place.line - 1].rstrip("\r").replace("\t", " "))
    except (OSError, IndexError, ValueError):
        return []
    start = max(0, place.column - 61)
    shown = line[start : start + 120]
    caret_at = place.column - 1 - start
    carets = "^" * max(1, min(place.length, len(shown) - caret_at))
    margin = " " * len(str(place.line))
    return [
        f" {margin} |",
        f" {place.line} | {shown}",
        f" {margin} | {' ' * caret_at}{carets}",
    ]


def _lines(code: str, place: Place | None, facts: Mapping[str, Any], warning: bool) -> list[str]:
    words = words_for(code)
    title = fill(words.title, facts) if words else code
    first = f"{code}  {_('warning: ') if warning else ''}{title}"
    lines = [first]
    if place is not None:
        lines += [f"  --> {printable(str(place))}"]
        # A line with a secret in it is named and not repeated: what is printed ends up in logs.
        lines += [] if code in _ABOUT_SECRETS else _snippet(place)
    reason = _reason(words, facts)
    if reason:
        lines.append(f"  {_('because')}  {reason}")
    return lines


def _fix_line(code: str, facts: Mapping[str, Any]) -> list[str]:
    words = words_for(code)
    fix = str(facts.get("fix", "")) or (fill(words.fix, facts) if words else "")
    return [f"  {_('fix')}  {fix}"] if fix else []


def render_diagnostic(found: Diagnostic) -> str:
    """One finding: code and title, place with a caret, the cause chain, the smallest fix."""
    lines = _lines(found.code, found.place, found.facts, found.severity is Severity.WARNING)
    for cause in found.causes:
        words = words_for(cause.code)
        told = fill(words.title, cause.facts) if words else cause.code
        where = f" ({printable(str(cause.place))})" if cause.place else ""
        lines.append(f"  {_('because')}  {told}{where}")
    return "\n".join([*lines, *_fix_line(found.code, found.facts)])


def render_diagnostics(diagnostics: Iterable[Diagnostic]) -> str:
    """All findings, in the order of their places, an empty line between two."""
    return "\n\n".join(
        render_diagnostic(found) for found in sorted(diagnostics, key=Diagnostic.sort_key)
    )


def _cause_lines(error: BaseException) -> list[str]:
    """What an error came from, nearest first, each in its own words."""
    lines: list[str] = []
    cause = error.__cause__
    while cause is not None:
        lines += _cause_texts(cause)
        cause = cause.__cause__
    return [f"  {_('because')}  {line}" for line in lines if line]


def _cause_texts(cause: BaseException) -> list[str]:
    if isinstance(cause, RecyclicError):
        words = words_for(cause.code)
        if words is None:
            return [str(cause)]
        return [fill(words.title, cause.facts), fill(words.because, cause.facts)]
    # A lock that is held, a signal that came: the title has said it.
    if isinstance(cause, BlockingIOError) or not isinstance(cause, Exception):
        return []
    return [printable(system_words(getattr(cause, "strerror", None) or str(cause)))]


def render_error(error: RecyclicError) -> str:
    """Any error of ours, in words, for standard error."""
    if isinstance(error, DiagnosticsError):
        return render_diagnostics(error.diagnostics)
    if error.code.startswith("RCY-D"):
        from recyclic.cli.render_conflict import render_no_solution
        from recyclic.resolve.errors import NoSolutionError

        if isinstance(error, NoSolutionError):
            return render_no_solution(error)
    place = getattr(error, "place", None)
    lines = _lines(error.code, place, error.facts, warning=False)
    # A cause is often among the facts already, and so among what was said.
    said, because = "\n".join(lines), f"  {_('because')}  "
    causes = [line for line in _cause_lines(error) if line.removeprefix(because) not in said]
    return "\n".join([*lines, *causes, *_fix_line(error.code, error.facts)])


def plain(value: Any) -> Any:
    """``value`` as JSON can hold it: names, versions and paths become text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(str(item) for item in value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def diagnostic_json(found: Diagnostic) -> dict[str, Any]:
    """One finding as JSON: code, severity, message, place, facts, because, fix."""
    words = words_for(found.code)
    document: dict[str, Any] = {
        "code": found.code,
        "severity": found.severity.value,
        "message": fill(words.title, found.facts) if words else found.code,
    }
    if found.place is not None:
        document |= place_json(found.place)
    document["facts"] = plain(found.facts)
    reason = _reason(words, found.facts)
    if reason:
        document["because"] = reason
    if found.causes:
        document["causes"] = [diagnostic_json(cause) for cause in found.causes]
    fix = str(found.facts.get("fix", "")) or (fill(words.fix, found.facts) if words else "")
    if fix:
        document["fix"] = fix
    return document


def place_json(place: Place) -> dict[str, Any]:
    """``file``, and ``line`` and ``column`` where they are known."""
    document: dict[str, Any] = {"file": place.file}
    if place.line:
        document["line"] = place.line
    if place.column:
        document["column"] = place.column
    return document


def error_json(error: RecyclicError) -> dict[str, Any]:
    """The JSON document that stands for a failed command."""
    if error.code.startswith("RCY-D"):
        from recyclic.cli.render_conflict import no_solution_json
        from recyclic.resolve.errors import NoSolutionError

        if isinstance(error, NoSolutionError):
            return {"format": JSON_FORMAT, "error": no_solution_json(error)}
    if isinstance(error, DiagnosticsError):
        findings = [diagnostic_json(found) for found in error.diagnostics]
        return {
            "format": JSON_FORMAT,
            "error": {**findings[0], "kind": "diagnostics", "diagnostics": findings},
        }
    place = getattr(error, "place", None)
    finding = diagnostic_json(Diagnostic(error.code, place=place, facts=error.facts))
    causes = [line.split("  ", 2)[-1] for line in _cause_lines(error)]
    return {"format": JSON_FORMAT, "error": finding | ({"causes": causes} if causes else {})}


def _plain_value(value: object) -> Any:
    """What JSON has no form for: mappings and sets that are not the built-in ones, and texts."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(str(item) for item in value)
    return str(value)


def json_text(document: Any) -> str:
    """``document`` as one readable JSON value, keys in the order given."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(document, default=_plain_value, option=options).decode()


def json_line(document: Any) -> str:
    """``document`` as one line of NDJSON."""
    return orjson.dumps(document, default=_plain_value, option=orjson.OPT_NON_STR_KEYS).decode()
