"""What ``graph``, ``why``, ``why-not``, ``outdated`` and ``diff`` do."""

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from recyclic.cli import render, session
from recyclic.cli.errors import NotInResolutionError, UsageError
from recyclic.cli.graph_captions import graph_captions
from recyclic.cli.language import _
from recyclic.cli.options import Asked
from recyclic.cli.printable import printable
from recyclic.cli.resolving import packages_named
from recyclic.graph.build import resolution_graph
from recyclic.graph.model import around
from recyclic.graph.render import GraphFormat
from recyclic.graph.render import render as render_graph
from recyclic.manifest.load import load_config
from recyclic.model.package import Package, PackageKind
from recyclic.resolve.difference import VersionChange, difference
from recyclic.resolve.outdated import Outdated, outdated
from recyclic.resolve.passed_over import PassedOver, Passing
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.relation import name_of
from recyclic.resolve.why import Link, why
from recyclic.resolve.why_not import WhyNot, why_not
from recyclic.site.generations import versions_of
from recyclic.workflow.resolving import Resolved, preferring_installed
from recyclic.workflow.target import Wanted


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the graph to draw, and as what."""

    format: GraphFormat
    around: str | None = None
    depth: int = 1
    events: bool = False


def _resolved(asked: Asked, verb: str, wanted: Wanted) -> Resolved:
    return session.resolved_of(asked, verb, wanted, Preferences())


def _in(resolved: Resolved, name: str) -> Package:
    """The package of the answer that ``name`` means."""
    known = resolved.resolution.versions
    for package in packages_named(name):
        if package in known:
            return package
    names = sorted(name_of(package) for package in known)
    raise NotInResolutionError(name=name, known=get_close_matches(name, names, n=3) or names[:5])


def drawn(asked: Asked, wanted: Wanted, view: View) -> str:
    """The drawing, as the text of a file."""
    resolved = _resolved(asked, "graph", wanted)
    graph = resolution_graph(resolved.resolution, events=view.events)
    if view.around is not None:
        graph = around(graph, name_of(_in(resolved, view.around)), view.depth)
    return render_graph(graph, view.format, graph_captions())


def show_why(asked: Asked, wanted: Wanted, *, as_json: bool) -> None:
    """Print every path to a package, shortest first."""
    resolved = _resolved(asked, "why", wanted)
    package = _in(resolved, asked.names[0])
    version = str(resolved.resolution.versions[package])
    paths = why(resolved.resolution, package)
    if as_json:
        shown = [[_link_json(link) for link in path] for path in paths]
        print(
            render.json_text(
                {"format": 1, "name": name_of(package), "version": version, "paths": shown}
            )
        )
        return
    print(f"{name_of(package)} {version}")
    for path in paths:
        print("  " + " → ".join([name_of(path[0].depender), *(_link(link) for link in path)]))
        print("    " + ", ".join(str(link.requirement.place) for link in path))


def _link(link: Link) -> str:
    name = name_of(link.package)
    if link.by_capability:
        name = _("{name} as {capability}").format(
            name=name, capability=link.requirement.package.name
        )
    return f"{name}{link.requirement.specifier}"


def _link_json(link: Link) -> dict[str, Any]:
    return {
        "depender": name_of(link.depender),
        "requirement": str(link.requirement),
        "package": name_of(link.package),
        "role": "capability" if link.by_capability else "requires",
        **render.place_json(link.requirement.place),
    }


def show_why_not(asked: Asked, wanted: Wanted, *, as_json: bool) -> None:
    """Force a version, and print what it costs or what forbids it."""
    name, version = _named_version(asked.names[0])
    inputs = session.inputs_of(asked, "why-not", wanted)
    preferences = preferring_installed(inputs, Preferences())
    packages = [package for package in packages_named(name) if inputs.catalog.versions(package)]
    package = packages[0] if packages else packages_named(name)[0]
    if version is None:
        known = inputs.catalog.versions(package)
        version = known[-1] if known else Version("0")
    found = why_not(inputs.request, inputs.catalog, inputs.host, preferences, package, version)
    if as_json:
        print(render.json_text(_why_not_json(found)))
    else:
        print(why_not_text(found))


def _named_version(text: str) -> tuple[str, Version | None]:
    name, _equals, version = text.partition("==")
    if re.search(r"[<>=!~]", name):
        message = _("why-not takes NAME, or NAME==VERSION")
        raise UsageError(message=message, verb="why-not")
    try:
        return name, Version(version) if version else None
    except InvalidVersion as error:
        message = _("{version!r} is not a version").format(version=version)
        raise UsageError(message=message, verb="why-not") from error


def why_not_text(found: WhyNot) -> str:
    """What it would cost, or what forbids it, line by line."""
    name = f"{name_of(found.package)} {found.version}"
    if found.reason is not None:
        lines = [_("{name} is impossible:").format(name=name), render.render_error(found.reason)]
        return "\n".join([*lines, *_passed_lines(found)])
    if not found.changes:
        return _("{name} is what is chosen already.").format(name=name)
    lines = [_("{name} is possible; it would change:").format(name=name)]
    lines += [f"  {_change_text(change)}" for change in found.changes]
    if found.older:
        names = ", ".join(name_of(change.package) for change in found.older)
        lines.append(_("Asked for by name, and older then: {names}").format(names=names))
    return "\n".join([*lines, *_passed_lines(found)])


def _passed_lines(found: WhyNot) -> list[str]:
    name = name_of(found.package)
    return [
        printable(_PASSED[each.why]().format(name=name, text=each.text, place=each.place))
        for each in found.passed
        if each.text or each.why is not PassedOver.WITHDRAWN
    ]


# Functions, because each text is translated when it is used and found by the extractor.
_PASSED = {
    PassedOver.OVERRIDDEN: lambda: _("{place} puts {text} in place of every version of {name}."),
    PassedOver.WITHDRAWN: lambda: _("It was withdrawn: {text}"),
    PassedOver.PRERELEASE: lambda: _("It is a pre-release, and nobody asks for one."),
    PassedOver.KEPT: lambda: _("{text} is there and stays: --upgrade {name} lets go of it."),
}


def _change_text(change: VersionChange) -> str:
    sign = "+" if change.before is None else "-" if change.after is None else "~"
    versions = " → ".join(str(each) for each in (change.before, change.after) if each is not None)
    return f"{sign} {name_of(change.package)} {versions}"


def _change_json(change: VersionChange) -> dict[str, Any]:
    return {
        "name": name_of(change.package),
        "before": str(change.before) if change.before else None,
        "after": str(change.after) if change.after else None,
    }


def _why_not_json(found: WhyNot) -> dict[str, Any]:
    document: dict[str, Any] = {
        "format": 1,
        "name": name_of(found.package),
        "version": str(found.version),
        "possible": found.possible,
        "changes": [_change_json(change) for change in found.changes],
        "older": [_change_json(change) for change in found.older],
        "passed_over": [_passing_json(each) for each in found.passed],
    }
    if found.reason is not None:
        document["error"] = render.error_json(found.reason)["error"]
    return document


def _passing_json(passing: Passing) -> dict[str, Any]:
    place = render.place_json(passing.place) if passing.place else {}
    return {"why": passing.why.value, "text": passing.text, **place}


def show_outdated(asked: Asked, wanted: Wanted, *, as_json: bool) -> None:
    """Print what is newer than the answer, and what holds it back."""
    resolved = _resolved(asked, "outdated", wanted)
    inputs = resolved.inputs
    preferences = preferring_installed(inputs, Preferences())
    found = outdated(inputs.request, inputs.catalog, inputs.host, preferences, resolved.resolution)
    if as_json:
        print(render.json_text({"format": 1, "outdated": [_outdated_json(each) for each in found]}))
        return
    if not found:
        print(_("Everything is at its newest."))
    for each in found:
        print(_outdated_text(each))


def _outdated_text(each: Outdated) -> str:
    template = _("{name} {current}: {reachable} can be had, {newest} is the newest")
    line = template.format(
        name=name_of(each.package),
        current=each.current,
        reachable=each.reachable or "-",
        newest=each.newest,
    )
    if each.held_by:
        held = ", ".join(
            f"{name_of(asked.depender)} ({asked.requirement}, {asked.requirement.place})"
            for asked in each.held_by
        )
        return line + "\n  " + _("held back by {names}").format(names=held)
    if each.reachable != each.newest:
        told = _("what the newest itself needs: recyclic why-not {name}=={newest}")
        return line + "\n  " + told.format(name=name_of(each.package), newest=each.newest)
    return line


def _outdated_json(each: Outdated) -> dict[str, Any]:
    return {
        "name": name_of(each.package),
        "current": str(each.current),
        "reachable": str(each.reachable) if each.reachable else None,
        "newest": str(each.newest),
        "behind": each.behind,
        "held_by": [
            {
                "name": name_of(asked.depender),
                "requirement": str(asked.requirement),
                **render.place_json(asked.requirement.place),
            }
            for asked in each.held_by
        ],
    }


def show_diff(before: Path, after: Path, *, as_json: bool) -> None:
    """Print what differs between two resolutions; each a config.toml or JSON of ``resolve``."""
    changes = difference(_versions_in(before), _versions_in(after))
    if as_json:
        print(render.json_text({"format": 1, "changes": [_change_json(each) for each in changes]}))
        return
    print("\n".join(_change_text(each) for each in changes) or _("No difference."))


_KINDS = {
    "modules": PackageKind.MODULE,
    "paheko": PackageKind.EXTENSION,
    "bundles": PackageKind.BUNDLE,
}


def _versions_in(path: Path) -> dict[Package, Version]:
    if path.suffix != ".json":
        return versions_of(load_config(path))
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))["versions"]
        return {
            Package(kind, name): Version(version)
            for key, kind in _KINDS.items()
            for name, version in tables.get(key, {}).items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = _("{path} is not what resolve --format json prints").format(path=path)
        raise UsageError(message=message, verb="diff") from error
