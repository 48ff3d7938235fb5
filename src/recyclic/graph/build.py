"""From a resolution to its graph."""

import re
from collections.abc import Iterator

from packaging.specifiers import SpecifierSet

from recyclic.graph.model import Edge, EdgeKind, Graph, Node, NodeKind, graph_of
from recyclic.model.package import CORE, PAHEKO, PYTHON, ROOT, Package, PackageKind, Requirement
from recyclic.model.resolution import RequiredBy, Resolution

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_OPERATORS = ("===", "==", "~=", ">=", ">", "!=", "<=", "<")

_HOSTS = (CORE, PAHEKO, PYTHON)
"""What a site stands on: required like a package, but installed by nobody here."""


def resolution_graph(resolution: Resolution, *, hosts: bool = True, events: bool = False) -> Graph:
    """Everything in the answer, who asked for it, and what answers for a capability.

    Args:
        hosts: Also the requirements on recyclic, Paheko and Python themselves.
        events: Also an arrow from each module that emits an event to each that handles it.
    """
    edges = [edge for edge in _dependencies(resolution) if hosts or not _ends_at_host(edge)]
    if events:
        edges += _events(resolution)
    ids = {end for edge in edges for end in (edge.source, edge.target)}
    packages = {*resolution.versions, ROOT, *_HOSTS, *_capabilities(resolution)}
    shown = (
        package for package in packages if package in resolution.versions or node_id(package) in ids
    )
    return graph_of((_node(package, resolution) for package in shown), edges)


def node_id(package: Package) -> str:
    """What people type for it: a module's plain name, ``paheko:caisse``, ``bundle:socle``."""
    if package.kind in (PackageKind.EXTENSION, PackageKind.BUNDLE, PackageKind.CAPABILITY):
        return str(package)
    return package.name


def _node(package: Package, resolution: Resolution) -> Node:
    version = resolution.versions.get(package)
    return Node(node_id(package), NodeKind(package.kind.value), package.name, str(version or ""))


def _ends_at_host(edge: Edge) -> bool:
    return edge.target in {node_id(host) for host in _HOSTS}


def _dependencies(resolution: Resolution) -> Iterator[Edge]:
    for reasons in resolution.required_by.values():
        for reason in reasons:
            if not _said_by_a_bundle(reason, resolution):
                yield from _requirement(reason.depender, reason.requirement, resolution)
    for package, release in resolution.releases.items():
        for requirement in release.requires:
            yield from _requirement(package, requirement, resolution)
        for requirement in release.optional:
            if requirement.package in resolution.versions:
                yield _edge(package, requirement.package, EdgeKind.OPTIONAL, requirement)
    for capability, providers in _capabilities(resolution).items():
        for provider in providers:
            yield Edge(node_id(capability), node_id(provider), EdgeKind.PROVIDES)


def _said_by_a_bundle(reason: RequiredBy, resolution: Resolution) -> bool:
    """The requested bundle's own lines count as the request's; drawn, they are the bundle's."""
    return reason.depender == ROOT and any(
        reason.requirement in release.requires
        for package, release in resolution.releases.items()
        if package.kind is PackageKind.BUNDLE
    )


def _requirement(
    depender: Package, requirement: Requirement, resolution: Resolution
) -> Iterator[Edge]:
    """Nothing for a requirement the answer dropped: left out by the profile, or overridden."""
    if depender != ROOT and depender not in resolution.versions:
        return
    target = _answer(requirement.package, resolution)
    if target is not None:
        yield _edge(depender, target, EdgeKind.REQUIRES, requirement)


def _answer(package: Package, resolution: Resolution) -> Package | None:
    """The node a requirement points at: the package, or the capability of that name."""
    if package in resolution.versions or package in _HOSTS:
        return package
    capability = Package(PackageKind.CAPABILITY, package.name)
    return capability if capability in _capabilities(resolution) else None


def _capabilities(resolution: Resolution) -> dict[Package, set[Package]]:
    """Names asked for that other modules answer, and those; who answers for itself is left out."""
    found: dict[Package, set[Package]] = {}
    for asked, provider in resolution.chosen_providers.items():
        name = _NAME.match(asked)
        if name and provider.name != name[0] and provider in resolution.versions:
            capability = Package(PackageKind.CAPABILITY, name[0])
            found.setdefault(capability, set()).add(provider)
    return found


def _edge(source: Package, target: Package, kind: EdgeKind, requirement: Requirement) -> Edge:
    return Edge(node_id(source), node_id(target), kind, _range(requirement.specifier))


def _range(specifiers: SpecifierSet) -> str:
    """A range as people write it: ``>=0.1,<1``, the lower bound first."""
    in_order = sorted(specifiers, key=lambda one: (_OPERATORS.index(one.operator), one.version))
    return ",".join(str(one) for one in in_order)


def _events(resolution: Resolution) -> Iterator[Edge]:
    handlers: dict[str, list[Package]] = {}
    for package, release in resolution.releases.items():
        for event in release.consumes:
            handlers.setdefault(event.name, []).append(package)
    for package, release in resolution.releases.items():
        for event in release.emits:
            for handler in handlers.get(event.name, ()):
                yield Edge(node_id(package), node_id(handler), EdgeKind.EVENT, event.name)
