"""The words in a drawn graph, in the user's language."""

from recyclic.cli.language import _
from recyclic.graph.captions import Captions
from recyclic.graph.model import EdgeKind, NodeKind


def graph_captions() -> Captions:
    """Every word a drawing shows that is no name."""
    return Captions(
        title=_("Dependency graph"),
        description=_("Nodes: {nodes}. Arrows: {edges}. An arrow points at what is needed."),
        nodes={
            NodeKind.ROOT: _("what is asked for"),
            NodeKind.BUNDLE: _("bundle"),
            NodeKind.MODULE: _("module"),
            NodeKind.EXTENSION: _("Paheko extension"),
            NodeKind.CAPABILITY: _("capability"),
            NodeKind.CORE: _("recyclic itself"),
            NodeKind.PAHEKO: _("Paheko itself"),
            NodeKind.PYTHON: _("Python"),
        },
        edges={
            EdgeKind.REQUIRES: _("requires"),
            EdgeKind.OPTIONAL: _("optional"),
            EdgeKind.PROVIDES: _("is provided by"),
            EdgeKind.EVENT: _("event to"),
        },
    )
