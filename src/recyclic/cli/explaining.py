"""What ``explain`` does: codes in a paragraph, settings with their history."""

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from recyclic.cli import render
from recyclic.cli.errors import UnknownCodeError
from recyclic.cli.language import _
from recyclic.cli.words import all_codes, words_for
from recyclic.site.layout import Site
from recyclic.workflow.target import NoSiteError, SiteNotNamedError, Wanted, find_site


def explain(subject: str, wanted: Wanted, *, as_json: bool) -> None:
    """Print what a code means, or where a setting's value comes from.

    Raises:
        UnknownCodeError: neither a code nor a setting of the site.
    """
    if subject.upper().startswith("RCY-"):
        _explain_code(subject.upper(), as_json=as_json)
    else:
        _explain_setting(subject, wanted, as_json=as_json)


def _explain_code(code: str, *, as_json: bool) -> None:
    words = words_for(code)
    if words is None:
        raise UnknownCodeError(text=code, known=get_close_matches(code, all_codes(), n=3) or ["-"])
    parts = {
        "title": _(words.title),
        "because": _(words.because) if words.because else "",
        "fix": _(words.fix) if words.fix else "",
        "explanation": _(words.explanation) if words.explanation else "",
    }
    if as_json:
        print(render.json_text({"format": 1, "code": code, **parts}))
        return
    print(f"{code}  {parts['title']}")
    for name in ("explanation", "because", "fix"):
        if parts[name]:
            label = "" if name == "explanation" else f"{_(name)}  "
            print(f"  {label}{parts[name]}")


def _explain_setting(key: str, wanted: Wanted, *, as_json: bool) -> None:
    site = _site(wanted)
    history = _settings_of(site) if site else {}
    found = history.get(key)
    if found is None:
        near = get_close_matches(key, history, n=3) or sorted(history)[:3] or ["-"]
        raise UnknownCodeError(text=key, known=near)
    if as_json:
        print(render.json_text({"format": 1, "key": key, **found}))
        return
    print(f"{key} = {json.dumps(found['value'], ensure_ascii=False)}")
    print(f"  {_('wins')}  {found['layer']:<24} {_where(found)}")
    for lost in found["lost"]:
        value = json.dumps(lost["value"], ensure_ascii=False)
        print(f"  {_('lost')}  {lost['layer']:<24} {_where(lost)} = {value}")


def _where(document: dict[str, Any]) -> str:
    return f"{document['file']}:{document['line']}" if document["line"] else str(document["file"])


def _site(wanted: Wanted) -> Site | None:
    try:
        return Site(find_site(Path.cwd(), wanted.site, wanted.instance))
    except (NoSiteError, SiteNotNamedError):
        if wanted.site or wanted.instance:
            raise
        return None


def _settings_of(site: Site) -> dict[str, dict[str, Any]]:
    """``caisse.currency`` to its value and history, in the site's current generation."""
    number = site.current_number()
    if not number:
        return {}
    from recyclic.site.config_file import read_config

    generation = site.generation(number)
    config = read_config(generation.config)
    document = json.loads(generation.provenance.read_text(encoding="utf-8"))
    return {
        f"{module}.{key}": {"value": config.settings[module][key], **history}
        for module, keys in document["settings"].items()
        for key, history in keys.items()
    }
