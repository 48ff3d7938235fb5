"""What ``explain`` does: codes in a paragraph, settings with their history."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from string import Formatter
from typing import Any

from recyclic.cli import render
from recyclic.cli.errors import UnknownCodeError, UnknownSettingError
from recyclic.cli.language import _
from recyclic.cli.options import Asked
from recyclic.cli.words import all_codes, words_for
from recyclic.plan.provenance import setting_history
from recyclic.site.layout import Site
from recyclic.workflow.target import Wanted, find_site


def explain(asked: Asked, wanted: Wanted, *, as_json: bool) -> None:
    """Print what a code means, or where a setting's value comes from.

    Raises:
        UnknownCodeError, UnknownSettingError: there is no such code, or nobody sets it.
        NoSiteError, SiteNotNamedError: a setting of which site is not clear.
    """
    subject = asked.names[0]
    if subject.upper().startswith("RCY-"):
        _explain_code(subject.upper(), as_json=as_json)
    else:
        _explain_setting(subject, _settings(asked, wanted), as_json=as_json)


def _explain_code(code: str, *, as_json: bool) -> None:
    words = words_for(code)
    if words is None:
        raise UnknownCodeError(text=code, known=get_close_matches(code, all_codes(), n=3))
    parts = {
        "title": _general(words.title),
        "because": _general(words.because),
        "fix": _general(words.fix),
        "explanation": _general(words.explanation),
    }
    if as_json:
        print(render.json_text({"format": 1, "code": code, **parts}))
        return
    print(f"{code}  {parts['title']}")
    for name in ("explanation", "because", "fix"):
        if parts[name]:
            label = "" if name == "explanation" else f"{_(name)}  "
            print(f"  {label}{parts[name]}")


def _general(template: str) -> str:
    """``template`` in the user's language, facts by name: ``<text> is not a range``."""
    if not template:
        return ""
    parsed = Formatter().parse(_(template))
    return "".join(f"{text}<{name}>" if name else text for text, name, _spec, _how in parsed)


def _explain_setting(key: str, settings: Mapping[str, Mapping[str, Any]], *, as_json: bool) -> None:
    """One setting, or every setting of a module or a table."""
    found = {name: settings[name] for name in settings if name == key or name.startswith(f"{key}.")}
    if not found:
        near = get_close_matches(key, settings, n=3) or sorted(settings)[:3]
        raise UnknownSettingError(text=key, known=near)
    if not as_json:
        print("\n".join(line for name in found for line in _lines(name, found[name])))
    elif key in found:
        print(render.json_text({"format": 1, "key": key, **found[key]}))
    else:
        each = [{"key": name, **found[name]} for name in found]
        print(render.json_text({"format": 1, "key": key, "settings": each}))


def _lines(key: str, found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{key} = {json.dumps(found['value'], ensure_ascii=False)}"
    yield f"  {_('wins')}  {found['layer']:<24} {_where(found)}"
    for lost in found["lost"]:
        value = json.dumps(lost["value"], ensure_ascii=False)
        yield f"  {_('lost')}  {lost['layer']:<24} {_where(lost)} = {value}"


def _where(document: Mapping[str, Any]) -> str:
    return f"{document['file']}:{document['line']}" if document["line"] else str(document["file"])


def _settings(asked: Asked, wanted: Wanted) -> dict[str, dict[str, Any]]:
    """``caisse.currency`` to its value and history: of the named file, else of the live site."""
    if asked.kind is None:
        return _live_settings(Site(find_site(Path.cwd(), wanted.site, wanted.instance)))
    from recyclic.cli import session
    from recyclic.resolve.preferences import Preferences

    resolution = session.resolved_of(asked, "explain", wanted, Preferences()).resolution
    return _by_full_key(
        {module: setting_history(values) for module, values in resolution.settings.items()}
    )


def _live_settings(site: Site) -> dict[str, dict[str, Any]]:
    number = site.current_number()
    if not number:
        return {}
    text = site.generation(number).provenance.read_text(encoding="utf-8")
    return _by_full_key(json.loads(text)["settings"])


def _by_full_key(
    histories: Mapping[str, Mapping[str, dict[str, Any]]],
) -> dict[str, dict[str, Any]]:
    return {
        f"{module}.{key}": history
        for module, keys in sorted(histories.items())
        for key, history in keys.items()
    }
