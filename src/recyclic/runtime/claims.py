"""Which paths a module's routes lay claim to, read from the routes it really registered."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
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
        regex: Decides whether a path that fits the shape is really meant; None when all are.
    """

    pattern: str
    shape: tuple[str | Wildcard, ...]
    kinds: tuple[str, ...]
    regex: re.Pattern[str] | None

    @property
    def identity(self) -> tuple[tuple[str | Wildcard, ...], tuple[str, ...]]:
        """Equal for two claims on exactly the same paths."""
        return self.shape, self.kinds


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
    picky = any(kind != "str" for kind in kinds)
    return Claim(pattern, tuple(shape), tuple(kinds), compile_path(pattern)[0] if picky else None)


def claims_of(app: FastAPI) -> Iterator[Claim | BaseRoute]:
    """The claims of every route of ``app``, included routers opened up.

    A route of a kind that states no path (a ``Host``, say) comes back itself.
    """
    late: Sequence[BaseRoute] = getattr(app.router, "_low_priority_routes", ())
    for context in iter_route_contexts([*app.routes, *late]):
        route = context.original_route
        path = context.path
        if isinstance(route, (Route, WebSocketRoute)) and path:
            yield claim_on(path)
        elif isinstance(route, Mount) and path is not None:
            yield claim_on(f"{path.rstrip('/')}/{{path:path}}")
        else:
            yield route
