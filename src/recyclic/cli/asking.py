"""What ``graph``, ``why``, ``why-not``, ``outdated`` and ``diff`` do."""

from dataclasses import dataclass

from recyclic.cli import session
from recyclic.cli.graph_captions import graph_captions
from recyclic.cli.options import Asked
from recyclic.graph.build import resolution_graph
from recyclic.graph.model import around
from recyclic.graph.render import GraphFormat, render
from recyclic.resolve.preferences import Preferences
from recyclic.workflow.resolving import Resolved, preferring_installed, resolve_inputs
from recyclic.workflow.target import Wanted


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the graph to draw, and as what."""

    format: GraphFormat
    around: str | None = None
    depth: int = 1
    events: bool = False


def _resolved(asked: Asked, verb: str, wanted: Wanted) -> Resolved:
    inputs = session.inputs_of(asked, verb, wanted)
    return resolve_inputs(inputs, preferring_installed(inputs, Preferences()))


def drawn(asked: Asked, wanted: Wanted, view: View) -> str:
    """The drawing, as the text of a file."""
    resolution = _resolved(asked, "graph", wanted).resolution
    graph = resolution_graph(resolution, events=view.events)
    if view.around is not None:
        graph = around(graph, view.around, view.depth)
    return render(graph, view.format, graph_captions())
