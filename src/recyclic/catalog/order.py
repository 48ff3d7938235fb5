"""The order in which modules boot: what a module needs stands before it, then by name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING

from recyclic.catalog.answers import Answers
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, Severity
from recyclic.model.package import PackageKind, Release, Requirement
from recyclic.model.resolution import Resolution

if TYPE_CHECKING:
    import networkx as nx

_MOST_CYCLES = 20
"""Cycles named per knot: their number can grow exponentially, a reader's patience does not."""


@dataclass(frozen=True, slots=True)
class Need:
    """One module comes after another, and the line that says so."""

    module: str
    needs: str
    requirement: Requirement
    optional: bool = False


def module_needs(resolution: Resolution) -> tuple[Need, ...]:
    """Every order that the enabled modules ask for, hard needs before optional ones."""
    answers = Answers(resolution)
    modules = [
        release
        for package, release in sorted(resolution.releases.items())
        if package.kind is PackageKind.MODULE
    ]
    hard = [need for each in modules for need in _needs(answers, each, each.requires, False)]
    soft = [need for each in modules for need in _needs(answers, each, each.optional, True)]
    return (*hard, *soft)


def _needs(
    answers: Answers, module: Release, wishes: Iterable[Requirement], optional: bool
) -> Iterator[Need]:
    name = module.package.name
    for requirement in wishes:
        if requirement.package.kind is not PackageKind.MODULE:
            continue
        for package in answers.to(requirement):
            # A module may need a capability that it happens to offer itself; but not itself.
            if package != module.package or requirement.package == module.package:
                yield Need(name, package.name, requirement, optional)


def boot_order(resolution: Resolution) -> tuple[str, ...]:
    """The enabled modules in boot order; the same for the same resolution, however it was made.

    An optional dependency that would close a circle is passed over; the rules warn of it.

    Raises:
        DiagnosticsError: modules need each other in a circle; every circle, named in full.
    """
    needs = module_needs(resolution)
    order = _sorted(resolution, needs)
    if order is None:
        cycles = [found for found in check_cycles(resolution) if found.severity is Severity.ERROR]
        if cycles:
            raise DiagnosticsError(cycles)
        order = _sorted(resolution, _without_optional_circles(needs))
    assert order is not None
    return order


def _sorted(resolution: Resolution, needs: Iterable[Need]) -> tuple[str, ...] | None:
    """The modules, what is needed first, then by name; None when some form a circle."""
    waiting: dict[str, set[str]] = {name: set() for name in _names(resolution)}
    needed_by: dict[str, set[str]] = {name: set() for name in waiting}
    for need in needs:
        waiting[need.module].add(need.needs)
        needed_by[need.needs].add(need.module)
    ready = [name for name, needed in waiting.items() if not needed]
    heapify(ready)
    order = []
    while ready:
        name = heappop(ready)
        order.append(name)
        for dependent in needed_by[name]:
            waiting[dependent].discard(name)
            if not waiting[dependent]:
                heappush(ready, dependent)
    return tuple(order) if len(order) == len(waiting) else None


def _names(resolution: Resolution) -> list[str]:
    return sorted(
        package.name for package in resolution.versions if package.kind is PackageKind.MODULE
    )


def check_cycles(resolution: Resolution) -> list[Diagnostic]:
    """Every circle of modules: an error, or a warning when an optional dependency is part of it."""
    needs = module_needs(resolution)
    if _sorted(resolution, needs) is not None:
        return []
    graph = _graph(needs)
    found = []
    for knot in _knots(graph):
        cycles = _networkx().simple_cycles(graph.subgraph(sorted(knot)))
        found += [_cycle(graph, cycle) for cycle in islice(cycles, _MOST_CYCLES)]
    return sorted(found, key=Diagnostic.sort_key)


def _without_optional_circles(needs: tuple[Need, ...]) -> list[Need]:
    knot_of = {name: at for at, knot in enumerate(_knots(_graph(needs))) for name in knot}
    return [
        need
        for need in needs
        if not need.optional or knot_of.get(need.module, -1) != knot_of.get(need.needs, -2)
    ]


def _networkx() -> ModuleType:
    # A third of a second to import: only those who have a circle pay for it.
    import networkx

    return networkx


def _graph(needs: Iterable[Need]) -> "nx.DiGraph[str]":
    """An edge from a module to what it needs; a hard need hides an optional one."""
    graph: nx.DiGraph[str] = _networkx().DiGraph()
    for need in needs:
        if not graph.has_edge(need.module, need.needs):
            graph.add_edge(need.module, need.needs, need=need)
    return graph


def _knots(graph: "nx.DiGraph[str]") -> list[set[str]]:
    """The modules that lie on a circle, those on a common one together; in a stable order."""
    knots = _networkx().strongly_connected_components(graph)
    return sorted(
        (knot for knot in knots if len(knot) > 1 or any(graph.has_edge(n, n) for n in knot)),
        key=min,
    )


def _cycle(graph: "nx.DiGraph[str]", names: list[str]) -> Diagnostic:
    """One circle, told from its first name on, each step with the line that asks for it."""
    first = names.index(min(names))
    circle = names[first:] + names[:first]
    steps = zip(circle, [*circle[1:], circle[0]], strict=True)
    needs: list[Need] = [graph.edges[module, needed]["need"] for module, needed in steps]
    optional = any(need.optional for need in needs)
    return Diagnostic(
        "RCY-C003" if optional else "RCY-C002",
        Severity.WARNING if optional else Severity.ERROR,
        needs[0].requirement.place,
        {"circle": " -> ".join([*circle, circle[0]])},
        tuple(
            Diagnostic(
                "RCY-C018",
                place=need.requirement.place,
                facts={"module": need.module, "requirement": str(need.requirement)},
            )
            for need in needs
        ),
    )
