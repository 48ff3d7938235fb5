"""``events catalog``: who emits and who consumes what, as the manifests say."""

from collections.abc import Sequence
from pathlib import Path

from recyclic.cli.errors import UsageError
from recyclic.cli.events_looking import table
from recyclic.cli.language import _
from recyclic.cli.render import JSON_FORMAT, json_text
from recyclic.events.flows import Declared, Flow, flows_of
from recyclic.manifest.module_file import load_module
from recyclic.model.package import EventContract
from recyclic.runtime.location import Location
from recyclic.workflow.target import find_site


def show(site: str | None, instance: Path | None, folder: Path | None, format: str) -> None:
    """Print the catalog of a site, or of a folder of modules."""
    if format not in ("table", "mermaid", "json"):
        raise UsageError(message=_("--format is table, mermaid or json"), verb="events catalog")
    if folder is None:
        folder = Location.of_site(find_site(Path.cwd(), site, instance)).modules
    releases = [load_module(one.parent) for one in sorted(folder.glob("*/module.toml"))]
    flows = flows_of(Declared(one.package.name, one.emits, one.consumes) for one in releases)
    if format == "json":
        print(json_text({"format": JSON_FORMAT, "events": [one.document() for one in flows]}))
    elif format == "mermaid":
        print(mermaid(flows))
    else:
        rows = [
            (flow.event, _names(flow.emitters), _names(flow.consumers), _misfits(flow))
            for flow in flows
        ]
        heads = (_("event"), _("emitted by"), _("consumed by"), "")
        table(heads, rows, _("No module names an event."))


def mermaid(flows: Sequence[Flow]) -> str:
    """The flows as a Mermaid flowchart: modules are boxes, events are rounded; a broken line that
    ends in a cross leads to who does not understand what is emitted."""
    lines = ["flowchart LR"]
    for flow in flows:
        event = f"event_{flow.event.replace('.', '_').replace('-', '_')}"
        lines.append(f'    {event}(["{flow.event}"])')
        lines += [f"    {module}[{module}] --> {event}" for module, _contract in flow.emitters]
        deaf = {consumer for _emitter, consumer, _change in flow.misfits()}
        lines += [
            f"    {event} {'-.-x' if module in deaf else '-->'} {module}[{module}]"
            for module, _contract in flow.consumers
        ]
    return "\n".join(lines)


def _misfits(flow: Flow) -> str:
    """Who does not understand whom, or ""."""
    words = _("{module} does not understand {other}")
    found = dict.fromkeys((consumer, emitter) for emitter, consumer, _change in flow.misfits())
    return ", ".join(words.format(module=module, other=other) for module, other in found)


def _names(side: Sequence[tuple[str, EventContract]]) -> str:
    return ", ".join(
        module if contract.version == 1 else f"{module} (v{contract.version})"
        for module, contract in side
    )
