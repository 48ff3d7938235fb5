"""``events catalog``: who emits and who consumes what, as the manifests say."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recyclic.cli.errors import UsageError
from recyclic.cli.events_looking import table
from recyclic.cli.language import _
from recyclic.cli.render import JSON_FORMAT, json_text
from recyclic.manifest.module_file import load_module
from recyclic.model.event_schema import Change, compare
from recyclic.model.package import EventContract, Release
from recyclic.runtime.location import Location
from recyclic.workflow.target import find_site


@dataclass(frozen=True, slots=True)
class Flow:
    """One event: the modules that emit it and those that consume it, with their contracts."""

    event: str
    emitters: Sequence[tuple[str, EventContract]]
    consumers: Sequence[tuple[str, EventContract]]

    def misfits(self) -> list[tuple[str, str, Change]]:
        """Emitter, consumer and what breaks, where a schema does not fit."""
        return [
            (emitter, consumer, change)
            for emitter, emitted in self.emitters
            for consumer, consumed in self.consumers
            if consumed.schema is not None
            for change in compare(consumed.schema, emitted.schema)
            if change.breaking
        ]


def show(site: str | None, instance: Path | None, folder: Path | None, format: str) -> None:
    """Print the catalog of a site, or of a folder of modules."""
    if format not in ("table", "mermaid", "json"):
        raise UsageError(message=_("--format is table, mermaid or json"), verb="events catalog")
    if folder is None:
        folder = Location.of_site(find_site(Path.cwd(), site, instance)).modules
    flows = flows_of([load_module(one.parent) for one in sorted(folder.glob("*/module.toml"))])
    if format == "json":
        print(json_text({"format": JSON_FORMAT, "events": [_json(flow) for flow in flows]}))
    elif format == "mermaid":
        print(mermaid(flows))
    else:
        rows = [(flow.event, _names(flow.emitters), _names(flow.consumers)) for flow in flows]
        table((_("event"), _("emitted by"), _("consumed by")), rows, _("No module names an event."))


def flows_of(releases: Sequence[Release]) -> list[Flow]:
    """Every event that a module names, sorted."""
    names = {one.name for release in releases for one in (*release.emits, *release.consumes)}
    return [
        Flow(
            name,
            [(one.package.name, it) for one in releases for it in one.emits if it.name == name],
            [(one.package.name, it) for one in releases for it in one.consumes if it.name == name],
        )
        for name in sorted(names)
    ]


def mermaid(flows: Sequence[Flow]) -> str:
    """The flows as a Mermaid flowchart: modules are boxes, events are rounded."""
    lines = ["flowchart LR"]
    for flow in flows:
        event = f"event_{flow.event.replace('.', '_').replace('-', '_')}"
        lines.append(f'    {event}(["{flow.event}"])')
        lines += [f"    {module}[{module}] --> {event}" for module, _contract in flow.emitters]
        lines += [f"    {event} --> {module}[{module}]" for module, _contract in flow.consumers]
    return "\n".join(lines)


def _names(side: Sequence[tuple[str, EventContract]]) -> str:
    return ", ".join(
        module if contract.version == 1 else f"{module} (v{contract.version})"
        for module, contract in side
    )


def _json(flow: Flow) -> dict[str, Any]:
    return {
        "event": flow.event,
        "emitters": [_side(*one) for one in flow.emitters],
        "consumers": [_side(*one) for one in flow.consumers],
        "misfits": [
            {"emitter": emitter, "consumer": consumer, "path": change.path,
             "change": change.kind.value}
            for emitter, consumer, change in flow.misfits()
        ],
    }  # fmt: skip


def _side(module: str, contract: EventContract) -> dict[str, Any]:
    return {"module": module, "version": contract.version, "schema": contract.schema is not None}
