"""Who may operate a site's bus over HTTP, by the tokens that its profile refers to."""

import hashlib
import hmac
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Self

from recyclic.runtime.errors import (
    NoOperatorsError,
    OperatorMayNotError,
    OperatorTokenError,
    OperatorUnknownError,
    SecretMissingError,
)
from recyclic.runtime.secret import reveal

logger = logging.getLogger("recyclic.runtime")

SHORTEST_TOKEN = 16
"""Characters. Anything shorter could be found by trying."""


class Level(IntEnum):
    """What an operator may do; each level may do what the one before may."""

    READ = 1
    """Look."""
    WRITE = 2
    """Emit, requeue, replay: what adds."""
    ADMIN = 3
    """Discard, forget: what removes."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody by name; never their token."""

    name: str
    level: Level

    @property
    def signature(self) -> str:
        """How the audit names them: no user of the machine can be meant."""
        return f"{self.name} (HTTP)"


class Operators:
    """The operators of one site. Nobody, unless the profile names somebody: closed by default."""

    def __init__(self, site: str, tokens: Iterable[tuple[Operator, str]] = ()) -> None:
        self._site = site
        self._known = [(operator, _digest(token)) for operator, token in tokens]

    @classmethod
    def of(cls, site: str, table: Mapping[str, Any]) -> Self:
        """The operators in ``[events.operators]``. One whose token cannot be used is left out,
        and that is logged: a missing variable must not keep the site from being served."""
        admitted: list[tuple[Operator, str]] = []
        for name, entry in sorted(table.items()):
            try:
                admitted.append(_admitted(name, entry, [token for _, token in admitted]))
            except OperatorTokenError as error:
                logger.error("operator not let in: %s", error, extra={"code": error.code})
        return cls(site, admitted)

    def identify(self, authorization: str | None) -> Operator:
        """The operator whose token an ``Authorization`` header bears.

        Raises:
            NoOperatorsError: there are none. OperatorUnknownError: it is nobody's.
        """
        if not self._known:
            raise NoOperatorsError(site=self._site)
        scheme, _, token = (authorization or "").partition(" ")
        found: Operator | None = None
        # Every one of them is compared, in time that does not tell how much was right.
        for operator, digest in self._known:
            if hmac.compare_digest(digest, _digest(token.strip())):
                found = operator
        if found is None or scheme.lower() != "bearer":
            raise OperatorUnknownError
        return found

    def require(self, authorization: str | None, needed: Level) -> Operator:
        """Like :meth:`identify`, for something that takes a level.

        Raises:
            OperatorMayNotError: theirs is lower.
        """
        operator = self.identify(authorization)
        if operator.level < needed:
            raise OperatorMayNotError(
                operator=operator.name,
                level=operator.level.name.lower(),
                needed=needed.name.lower(),
            )
        return operator


def _admitted(name: str, entry: Mapping[str, Any], taken: list[str]) -> tuple[Operator, str]:
    """Raises OperatorTokenError when the token is missing, short, or somebody else's."""
    try:
        level = Level[str(entry.get("level", "read")).upper()]
        token = reveal(entry["token"], module="events", setting=f"operators.{name}.token")
    except SecretMissingError as error:
        source = str(error.facts["source"])
        raise OperatorTokenError(operator=name, reason=f"no token in {source}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OperatorTokenError(operator=name, reason=repr(error)) from error
    if len(token) < SHORTEST_TOKEN:
        reason = f"the token is shorter than {SHORTEST_TOKEN} characters"
        raise OperatorTokenError(operator=name, reason=reason)
    if token in taken:
        raise OperatorTokenError(operator=name, reason="the token is another operator's")
    return Operator(name, level), token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
