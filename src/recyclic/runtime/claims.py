"""Which paths a module's routes lay claim to, read from the routes it really registered."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute, compile_path


class Wildcard(Enum):
    """What stands in a path's shape where the path is not spelled out."""

    SEGMENT = auto()
    """Exactly one segment."""
    REST = auto()
    """Everything that follows, slashes included."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One path pattern.

    Attributes:
        pattern: As the module wrote it, for people.
        shape: Its segments; names of parameters do not count, so ``/a/{x}`` and ``/a/{y}`` are
            the same claim.
        kinds: The convertors and mixed segments, which tell ``/a/{x:int}`` from ``/a/{x}``.
    """

    pattern: str
    shape: tuple[str | Wildcard, ...]
    kinds: tuple[str, ...]

    @property
    def identity(self) -> tuple[tuple[str | Wildcard, ...], tuple[str, ...]]:
        """Equal for two claims on exactly the same paths."""
        return self.shape, self.kinds

    @property
    def picky(self) -> bool:
        """Whether a path may fit the shape and still not be meant."""
        return any(kind != "str" for kind in self.kinds)

    def means(self, path: str) -> bool:
        """Whether ``path``, which fits the shape, is meant."""
        return not self.picky or _regex(self.pattern).match(path) is not None


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    return compile_path(pattern)[0]


_PARAMETER = re.compile(r"\{[a-zA-Z_][a-zA-Z0-9_]*(?::([a-zA-Z_][a-zA-Z0-9_]*))?\}")


def claim_on(pattern: str) -> Claim:
    """The claim of one route path, ``/items/{id:int}``."""
    shape: list[str | Wildcard] = []
    kinds: list[str] = []
    for segment in pattern.split("/")[1:]:
        whole = _PARAMETER.fullmatch(segment)
        if whole is None and "{" not in segment:
            shape.append(segment)
            continue
        kind = (whole.group(1) or "str") if whole else _PARAMETER.sub(r"{:\1}", segment)
        if "path" in (kind, *_PARAMETER.findall(segment)):
            rest = pattern.split("/")[1 + len(shape) :]
            kinds.append(_PARAMETER.sub(r"{:\1}", "/".join(rest)))
            shape.append(Wildcard.REST)
            break
        shape.append(Wildcard.SEGMENT)
        kinds.append(kind)
    return Claim(pattern, tuple(shape), tuple(kinds))


def claims_of(app: FastAPI) -> tuple[Claim | BaseRoute, ...]:
    """The claims of every route of ``app``, included routers opened up.

    A route of a kind that states no path (a ``Host``, say) comes back itself.
    """
    late: Sequence[BaseRoute] = getattr(app.router, "_low_priority_routes", ())
    return tuple(_claim(route, path) for route, path in _walk([*app.routes, *late], ""))


def _claim(route: BaseRoute, path: str | None) -> Claim | BaseRoute:
    if isinstance(route, (Route, WebSocketRoute)) and path:
        return claim_on(path)
    if isinstance(route, Mount) and path is not None:
        return claim_on(f"{path.rstrip('/')}/{{path:path}}")
    return route


def _walk(routes: Sequence[BaseRoute], prefix: str) -> Iterator[tuple[BaseRoute, str | None]]:
    """Every route with its full path. FastAPI's own walk would first build what it needs to
    answer a request, for every included router; that is as much work as a boot, and waits."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            path = getattr(route, "path", None)
            yield route, None if path is None else prefix + path
        else:
            context: Any = getattr(route, "include_context")  # noqa: B009 - private to FastAPI
            yield from _walk(included.routes, prefix + context.prefix)
