"""How a drawing looks: one style sheet, in light and dark."""

STYLE = """
.recyclic-graph{--page:#fff;--ink:#1b1f24;--soft:#57606a;--line:#6e7781;
--root:#fff3d1;--root-rim:#9a6700;--bundle:#e2f3e5;--bundle-rim:#1a7f37;
--module:#e3efff;--module-rim:#0969da;--paheko:#fbe9f0;--paheko-rim:#bf3989;
--capability:#efe8fd;--capability-rim:#8250df;--host:#eaeef2;--host-rim:#57606a;
font-family:system-ui,"DejaVu Sans","Liberation Sans",sans-serif;color-scheme:light dark}
@media (prefers-color-scheme:dark){.recyclic-graph{--page:#0d1117;--ink:#f0f3f6;--soft:#b1bac4;
--line:#8b949e;--root:#3b2a00;--root-rim:#d29922;--bundle:#0f2d17;--bundle-rim:#3fb950;
--module:#0c2340;--module-rim:#58a6ff;--paheko:#3a1226;--paheko-rim:#f778ba;
--capability:#271052;--capability-rim:#bc8cff;--host:#21262d;--host-rim:#8b949e}}
.recyclic-graph .page{fill:var(--page)}
.recyclic-graph text{fill:var(--ink);font-size:12px}
.recyclic-graph .title{font-size:16px;font-weight:600}
.recyclic-graph .key text{font-size:11px;fill:var(--soft)}
.recyclic-graph .node text{text-anchor:middle}
.recyclic-graph .label{font-size:10px;fill:var(--soft);text-anchor:middle;stroke:var(--page);
stroke-width:5px;paint-order:stroke;stroke-linejoin:round}
.recyclic-graph rect{stroke-width:1.2}
.root rect{fill:var(--root);stroke:var(--root-rim)}
.bundle rect{fill:var(--bundle);stroke:var(--bundle-rim)}
.module rect{fill:var(--module);stroke:var(--module-rim)}
.paheko rect{fill:var(--paheko);stroke:var(--paheko-rim)}
.capability rect{fill:var(--capability);stroke:var(--capability-rim)}
.core rect,.paheko-core rect,.python rect{fill:var(--host);stroke:var(--host-rim)}
.edge,.sample{fill:none;stroke:var(--line);stroke-width:1.2}
.edge.implied{opacity:.3}
.optional{stroke-dasharray:5 4}
.provides{stroke:var(--capability-rim)}
.event{stroke:var(--bundle-rim);stroke-dasharray:1.5 3;stroke-linecap:round}
.head{fill:var(--line);stroke:none}
.head.provides{fill:var(--capability-rim)}
.head.event{fill:var(--bundle-rim)}
.edge:hover{stroke:var(--ink);stroke-width:2.4;opacity:1}
.recyclic-graph:has(.node:hover) .edge{opacity:.08}
"""

_MOST_NODES = 600
"""Above that the rules that follow would weigh more than the drawing."""


def focus_rules(node_count: int) -> str:
    """Style that shows the arrows of the node pointed at: without a script, two rules a node."""
    if node_count > _MOST_NODES:
        return ""
    root = ".recyclic-graph"
    return "".join(
        f"{root}:has(.n{number}:hover) .s{number}{{opacity:1;stroke:var(--module-rim);"
        f"stroke-width:2}}{root}:has(.n{number}:hover) .t{number}{{opacity:1;"
        "stroke:var(--root-rim);stroke-width:2}\n"
        for number in range(node_count)
    )
