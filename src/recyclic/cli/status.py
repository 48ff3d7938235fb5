"""What ``status`` and ``history`` show."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from recyclic.apply.history import read_history
from recyclic.cli import render
from recyclic.cli.language import _
from recyclic.cli.moment import moment
from recyclic.cli.printable import printable
from recyclic.cli.words import words_for
from recyclic.cli.words.entry import N_
from recyclic.runtime.control import ControlClient
from recyclic.runtime.errors import NotServedError
from recyclic.site.layout import Site
from recyclic.workflow.status import SiteStatus, site_status
from recyclic.workflow.target import Wanted, find_site

_ANSWER_SECONDS = 5.0

_RESULTS = {
    "applied": N_("applied"),
    "failed": N_("failed, undone"),
    "interrupted": N_("interrupted, undone"),
    "uninstalled": N_("taken away"),
}
"""How a transaction ended, as the history has it, for people."""


def _word_for(entry: Mapping[str, Any]) -> str:
    result = str(entry.get("result", ""))
    return _(_RESULTS[result]) if result in _RESULTS else result


def show_status(wanted: Wanted, *, as_json: bool) -> None:
    """Print what is true of the site now."""
    status = site_status(Site(find_site(Path.cwd(), wanted.site, wanted.instance)))
    serving = _serving(status.site)
    if as_json:
        print(render.json_text(_document(status, serving)))
    else:
        print("\n".join(_lines(status, serving)))


def _serving(site: Site) -> dict[str, Any] | None:
    """What the serving process says of itself, or None when nothing serves."""
    try:
        with ControlClient(site.run, _ANSWER_SECONDS) as client:
            answer = client.ask("status")
    except (NotServedError, OSError, ValueError):
        return None
    return answer if answer.get("ok") else None


def _document(status: SiteStatus, serving: dict[str, Any] | None) -> dict[str, Any]:
    config = status.config
    return {
        "format": 1,
        "site": config.site if config else status.site.root.name,
        "folder": str(status.site.root),
        "generation": status.generation,
        "bundle": config.bundle if config else None,
        "bundle_version": config.bundle_version if config else None,
        "modules": dict(config.module_versions) if config else {},
        "paheko": dict(config.paheko_versions) if config else {},
        "deferred": list(status.deferred),
        "overrides": dict(config.overrides) if config else {},
        "interrupted": status.interrupted,
        "last": status.last,
        "counts": status.counts,
        "serving": serving,
    }


def _lines(status: SiteStatus, serving: dict[str, Any] | None) -> Iterator[str]:
    config = status.config
    if config is None:
        yield _("Nothing was applied in {folder} yet.").format(folder=status.site.root)
    else:
        head = _("site {site} · bundle {bundle} {version} · generation {number}")
        yield head.format(
            site=config.site,
            bundle=config.bundle,
            version=config.bundle_version,
            number=status.generation,
        )
        states = (serving or {}).get("report", {}) or {}
        for name in config.modules:
            yield _module_line(name, config.module_versions[name], states, status.counts)
        for name, version in config.paheko_versions.items():
            state = _extension_state(name, status)
            yield f"  {_('paheko'):<8} {name:<24} {version:<10} {state}".rstrip()
    yield from _warnings(status)
    if serving is None:
        yield _("Not serving. Start it with: recyclic serve")
    else:
        yield _("Serving at {address}").format(address=serving.get("address", "?"))


def _module_line(
    name: str, version: str, report: dict[str, Any], counts: dict[str, dict[str, int]]
) -> str:
    module = report.get("modules", {}).get(name, {})
    kept = ", ".join(f"{number} {what}" for what, number in counts.get(name, {}).items())
    state = " ".join(part for part in (module.get("state"), module.get("reason")) if part)
    return printable(f"  {_('module'):<8} {name:<24} {version:<10} {state:<12} {kept}").rstrip()


def _extension_state(name: str, status: SiteStatus) -> str:
    return _("deferred: no Paheko is named in the profile") if name in status.deferred else ""


def _warnings(status: SiteStatus) -> Iterator[str]:
    if status.interrupted:
        yield _(
            "An apply was interrupted. The next changing command, or recyclic recover, mends it."
        )
    if status.last and status.last.get("result") not in (None, "applied", "uninstalled"):
        yield printable(last_run_text(status.last))
    if status.config:
        for package, version in status.config.overrides.items():
            told = _("OVERRIDE: {package} is held at {version} whatever anything requires.")
            yield told.format(package=package, version=version)


def last_run_text(entry: Mapping[str, Any]) -> str:
    """How it ended; what the log says of an error becomes its title, and the way to more."""
    because = str(entry.get("because") or "")
    code = because.partition(" ")[0]
    words = words_for(code)
    if words is None:
        told = _("The last run ended {result}: {because}")
        return told.format(result=_word_for(entry), because=because or "-")
    told = _("The last run ended {result} with {code}. What that is: recyclic explain {code}")
    return told.format(result=_word_for(entry), code=code)


def show_history(wanted: Wanted, *, as_json: bool) -> None:
    """Print every transaction that ended, newest last."""
    site = Site(find_site(Path.cwd(), wanted.site, wanted.instance))
    entries = read_history(site)
    if as_json:
        print(render.json_text({"format": 1, "history": entries}))
        return
    print("\n".join(_history_lines(entries)))


def _history_lines(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A table, one line a transaction; the times are the reader's own."""
    rows = [
        (_("number"), _("when"), _("result"), _("bundle"), _("commit"), _("who")),
        *(_history_row(entry) for entry in entries),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield printable("  ".join(cells).rstrip())


def _history_row(entry: Mapping[str, Any]) -> tuple[str, ...]:
    result = _word_for(entry)
    if entry.get("result") == "applied" and "back_to" in entry:
        result = _("back to {number}").format(number=entry["back_to"])
    return (
        str(entry.get("generation", "-")),
        moment(str(entry.get("ended", ""))),
        result,
        f"{entry.get('bundle', '')} {entry.get('bundle_version', '')}".strip() or "-",
        str(entry.get("commit") or "-"),
        str(entry.get("who", "-")),
    )
