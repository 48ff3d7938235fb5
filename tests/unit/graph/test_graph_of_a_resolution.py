"""From a resolution to its graph, and the part around one node."""

from dataclasses import replace
from itertools import pairwise

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.graph.build import resolution_graph
from recyclic.graph.model import Edge, EdgeKind, Graph, Node, NodeKind, around, graph_of
from recyclic.model.diagnostic import Place
from recyclic.model.package import (
    CORE,
    ROOT,
    EventContract,
    Origin,
    OriginKind,
    Package,
    PackageKind,
    Release,
    Requirement,
)
from recyclic.model.resolution import RequiredBy, Resolution

HERE = Place("bundles/b.toml", 4)
CAISSE = Package(PackageKind.MODULE, "caisse")
SYNC = Package(PackageKind.MODULE, "paheko_sync")
TILL = Package(PackageKind.EXTENSION, "caisse")
SOCLE = Package(PackageKind.BUNDLE, "socle")


def needs(package: Package, specifier: str = "") -> Requirement:
    return Requirement(package, SpecifierSet(specifier), HERE)


def release(
    package: Package,
    *requires: Requirement,
    optional: tuple[Requirement, ...] = (),
    emits: tuple[str, ...] = (),
    consumes: tuple[str, ...] = (),
) -> Release:
    return Release(
        package,
        Version("1.0"),
        HERE,
        Origin(OriginKind.FOLDER),
        requires=requires,
        optional=optional,
        emits=tuple(EventContract(name, HERE) for name in emits),
        consumes=tuple(EventContract(name, HERE) for name in consumes),
    )


def resolution(
    *releases: Release, asked: tuple[Requirement, ...], **providers: Package
) -> Resolution:
    """What the resolver would answer for these releases and the request's own requirements."""
    reasons: dict[Package, list[RequiredBy]] = {found.package: [] for found in releases}
    for requirement in asked:
        target = providers.get(requirement.package.name, requirement.package)
        reasons[target].append(RequiredBy(ROOT, requirement))
    for found in releases:
        for requirement in found.requires:
            target = providers.get(requirement.package.name, requirement.package)
            reasons.setdefault(target, []).append(RequiredBy(found.package, requirement))
    return Resolution(
        {found.package: found.version for found in releases},
        {found.package: found for found in releases},
        {package: tuple(found) for package, found in reasons.items()},
        chosen_providers=providers,
    )


STANDARD = resolution(
    release(CAISSE, needs(CORE, ">=0.1"), emits=("session_closed",)),
    release(SYNC, needs(CAISSE, ">=0.1,<1"), consumes=("session_closed",)),
    release(TILL, optional=(needs(SYNC, "<2"), needs(Package(PackageKind.MODULE, "absent")))),
    release(SOCLE, needs(CAISSE)),
    asked=(needs(SOCLE, ">=1"), needs(SYNC), needs(TILL, ">=0.8")),
)


def ends(graph: Graph, kind: EdgeKind) -> set[tuple[str, str, str]]:
    return {(e.source, e.target, e.label) for e in graph.edges if e.kind is kind}


def test_every_package_in_the_answer_is_a_node_named_as_people_type_it() -> None:
    graph = resolution_graph(STANDARD)
    assert {node.id: (node.kind, node.version) for node in graph.nodes} == {
        "<root>": (NodeKind.ROOT, ""),
        "bundle:socle": (NodeKind.BUNDLE, "1.0"),
        "caisse": (NodeKind.MODULE, "1.0"),
        "paheko:caisse": (NodeKind.EXTENSION, "1.0"),
        "paheko_sync": (NodeKind.MODULE, "1.0"),
        "recyclic": (NodeKind.CORE, ""),
    }


def test_requirements_carry_their_specifier_and_optional_ones_only_when_present() -> None:
    graph = resolution_graph(STANDARD)
    assert ends(graph, EdgeKind.REQUIRES) == {
        ("<root>", "bundle:socle", ">=1"),
        ("<root>", "paheko:caisse", ">=0.8"),
        ("<root>", "paheko_sync", ""),
        ("bundle:socle", "caisse", ""),
        ("caisse", "recyclic", ">=0.1"),
        ("paheko_sync", "caisse", ">=0.1,<1"),
    }
    assert ends(graph, EdgeKind.OPTIONAL) == {("paheko:caisse", "paheko_sync", "<2")}
    assert not ends(graph, EdgeKind.EVENT)


def test_hosts_are_left_out_and_events_shown_when_asked() -> None:
    graph = resolution_graph(STANDARD, hosts=False, events=True)
    assert "recyclic" not in {node.id for node in graph.nodes}
    assert ends(graph, EdgeKind.EVENT) == {("caisse", "paheko_sync", "session_closed")}


def test_a_capability_stands_between_who_needs_it_and_who_provides_it() -> None:
    wanted = Package(PackageKind.MODULE, "export")
    answer = resolution(release(SYNC), asked=(needs(wanted, ">=1"),), export=SYNC)
    graph = resolution_graph(answer)
    assert ends(graph, EdgeKind.REQUIRES) == {("<root>", "capability:export", ">=1")}
    assert ends(graph, EdgeKind.PROVIDES) == {("capability:export", "paheko_sync", "")}


def test_a_capability_asked_for_in_two_ranges_is_one_node() -> None:
    """The resolver keeps the provider by the requirement as it was asked."""
    wanted = Package(PackageKind.MODULE, "export")
    asked = needs(wanted, ">=1,<2")
    answer = replace(
        resolution(release(SYNC), asked=(asked,), export=SYNC),
        chosen_providers={str(asked): SYNC, "export": SYNC},
    )
    graph = resolution_graph(answer)
    assert ends(graph, EdgeKind.REQUIRES) == {("<root>", "capability:export", ">=1,<2")}
    assert ends(graph, EdgeKind.PROVIDES) == {("capability:export", "paheko_sync", "")}


def test_what_the_requested_bundle_asks_for_is_drawn_from_the_bundle() -> None:
    """The resolver counts its lines as the request's own; a drawing says them once."""
    line = needs(CAISSE, ">=0.1")
    graph = resolution_graph(
        resolution(release(CAISSE), release(SOCLE, line), asked=(needs(SOCLE, "==1"), line))
    )
    assert ends(graph, EdgeKind.REQUIRES) == {
        ("<root>", "bundle:socle", "==1"),
        ("bundle:socle", "caisse", ">=0.1"),
    }


def test_a_requirement_that_was_left_out_draws_nothing() -> None:
    """A bundle's requirement on what the profile omits is not in the answer."""
    gone = Package(PackageKind.MODULE, "jarvos")
    graph = resolution_graph(resolution(release(SOCLE, needs(gone)), asked=(needs(SOCLE),)))
    assert {node.id for node in graph.nodes} == {"<root>", "bundle:socle"}


def chain(*names: str) -> Graph:
    edges = [Edge(a, b, EdgeKind.REQUIRES) for a, b in pairwise(names)]
    return graph_of((Node(name, NodeKind.MODULE, name) for name in names), edges)


@pytest.mark.parametrize(("depth", "kept"), [(0, "c"), (1, "bcd"), (2, "abcde"), (9, "abcde")])
def test_around_keeps_what_is_near_in_either_direction(depth: int, kept: str) -> None:
    cut = around(chain(*"abcde"), "c", depth)
    assert "".join(node.id for node in cut.nodes) == kept
    assert len(cut.edges) == len(kept) - 1


def test_around_leaves_out_what_only_shares_a_needer() -> None:
    edges = [Edge("b", name, EdgeKind.REQUIRES) for name in "cde"]
    graph = graph_of((Node(name, NodeKind.MODULE, name) for name in "bcde"), edges)

    assert [node.id for node in around(graph, "c", 2).nodes] == ["b", "c"]


def test_around_takes_a_plain_label_and_refuses_an_unknown_name() -> None:
    graph = resolution_graph(STANDARD)
    assert {node.id for node in around(graph, "socle", 1).nodes} == {
        "<root>",
        "bundle:socle",
        "caisse",
    }
    with pytest.raises(KeyError):
        around(graph, "nothing")


def test_a_graph_refuses_what_does_not_hold_together() -> None:
    node = Node("a", NodeKind.MODULE, "a")
    with pytest.raises(ValueError, match="two nodes"):
        graph_of([node, Node("a", NodeKind.BUNDLE, "a")], [])
    with pytest.raises(ValueError, match="ends nowhere"):
        graph_of([node], [Edge("a", "b", EdgeKind.REQUIRES)])
