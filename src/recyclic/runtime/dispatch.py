"""From a request's path to the module that claimed it, at a cost that is the same for 1 module
and for 1,000: a look-up by literal segments, never a scan over routes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from recyclic.runtime.claims import Claim, Wildcard

Owner = TypeVar("Owner")


class PathTakenError(Exception):
    """Two owners claim exactly the same path. Internal to the runtime: it becomes a
    RouteClaimedError of the second one."""

    def __init__(self, claim: Claim, owner: object) -> None:
        super().__init__(claim.pattern)
        self.claim = claim
        self.owner = owner


@dataclass(slots=True)
class _Node(Generic[Owner]):
    """What may follow one more segment of a path."""

    literals: "dict[str, _Node[Owner]]" = field(default_factory=dict)
    parameter: "_Node[Owner] | None" = None
    here: list[tuple[Claim, Owner]] = field(default_factory=list)
    rest: list[tuple[Claim, Owner]] = field(default_factory=list)


class PathTable(Generic[Owner]):
    """Claims and their owners. The most literal claim on a path wins, whoever came first:
    a spelled-out segment beats ``{parameter}``, which beats ``{everything:path}``."""

    def __init__(self) -> None:
        self._owners: dict[object, Owner] = {}
        self._exact: dict[str, Owner] = {}
        self._root: _Node[Owner] = _Node()
        self._odd: list[tuple[BaseRoute, Owner]] = []

    def add(self, owner: Owner, claims: Iterable[Claim | BaseRoute]) -> None:
        """Enter an owner's claims, all of them or none.

        Raises:
            PathTakenError: one of them belongs to someone else already.
        """
        entered = list(claims)
        for claim in entered:
            if isinstance(claim, Claim):
                holder = self._owners.get(claim.identity, owner)
                if holder is not owner:
                    raise PathTakenError(claim, holder)
        for claim in entered:
            self._enter(owner, claim)

    def _enter(self, owner: Owner, claim: Claim | BaseRoute) -> None:
        if isinstance(claim, BaseRoute):
            self._odd.append((claim, owner))
            return
        if claim.identity in self._owners:
            return
        self._owners[claim.identity] = owner
        node = self._root
        for segment in claim.shape:
            if segment is Wildcard.REST:
                node.rest.append((claim, owner))
                return
            node = _step(node, segment)
        node.here.append((claim, owner))
        # The claim that asks least of a path is tried last.
        node.here.sort(key=lambda entry: not entry[0].picky)
        if Wildcard.SEGMENT not in claim.shape:
            self._exact["/" + "/".join(map(str, claim.shape))] = owner

    def find(self, path: str) -> Owner | None:
        """The owner of ``path``, or of ``path`` with its last slash added or removed: that
        owner's own app answers with the redirect it would give alone."""
        owner = self._exact.get(path)
        if owner is None:
            owner = _search(self._root, path.split("/"), 1, path)
        if owner is None and path != "/":
            other = path[:-1] if path.endswith("/") else f"{path}/"
            owner = _search(self._root, other.split("/"), 1, other)
        return owner

    def find_odd(self, scope: Scope) -> Owner | None:
        """The owner of a request that no path explains: asked of each such route in turn."""
        for route, owner in self._odd:
            if route.matches(scope)[0] is not Match.NONE:
                return owner
        return None


def _step(node: _Node[Owner], segment: str | Wildcard) -> _Node[Owner]:
    if isinstance(segment, str):
        return node.literals.setdefault(segment, _Node())
    if node.parameter is None:
        node.parameter = _Node()
    return node.parameter


def _search(node: _Node[Owner], segments: list[str], at: int, path: str) -> Owner | None:
    """Depth first, the most literal branch first. As deep as the longest claim, no deeper."""
    if at == len(segments):
        return _first_meant(node.here, path)
    literal = node.literals.get(segments[at])
    if literal is not None:
        owner = _search(literal, segments, at + 1, path)
        if owner is not None:
            return owner
    if node.parameter is not None and segments[at]:
        owner = _search(node.parameter, segments, at + 1, path)
        if owner is not None:
            return owner
    return _first_meant(node.rest, path)


def _first_meant(entries: list[tuple[Claim, Owner]], path: str) -> Owner | None:
    for claim, owner in entries:
        if claim.means(path):
            return owner
    return None


class Dispatcher:
    """An ASGI app that hands each request to its owner's app, and the rest to ``otherwise``."""

    def __init__(self, table: "PathTable[HasApp]", otherwise: ASGIApp) -> None:
        self._table = table
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._otherwise(scope, receive, send)
            return
        path: str = scope["path"]
        root: str = scope.get("root_path", "")
        if root and path.startswith(root):
            path = path[len(root) :]
        owner = self._table.find(path) or self._table.find_odd(scope)
        await (owner.app if owner is not None else self._otherwise)(scope, receive, send)


class HasApp:
    """Whoever answers requests; ``app`` may be exchanged while it serves."""

    __slots__ = ("app",)

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
