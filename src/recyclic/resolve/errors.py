"""What stops a resolution."""

from enum import StrEnum

from recyclic.errors import RecyclicError
from recyclic.resolve.derivation import Derivation
from recyclic.resolve.fix import Fix
from recyclic.resolve.relation import Relation, name_of


class FailureKind(StrEnum):
    """Why there is no solution, as far as people have to do different things about it."""

    NO_SUCH_MODULE = "no-such-module"
    NO_VERSION = "no-version"
    EXCLUDED = "excluded"
    PLATFORM = "platform"
    CONFLICT = "conflict"


_CODES = {
    FailureKind.CONFLICT: "RCY-D001",
    FailureKind.NO_SUCH_MODULE: "RCY-D002",
    FailureKind.NO_VERSION: "RCY-D003",
    FailureKind.EXCLUDED: "RCY-D004",
    FailureKind.PLATFORM: "RCY-D005",
}


class NoSolutionError(RecyclicError):
    """Nothing meets everything that is asked.

    Attributes:
        kind: What sort of failure; it decides the code.
        relations: The conflict, from the root outwards: the smallest there is unless
            ``proven`` is False.
        derivation: The same as facts to be told, one step a relation.
        fixes: Changes after each of which there is a solution, smallest first.
        all_tried: False when the search for them was cut short.
    """

    def __init__(
        self,
        kind: FailureKind,
        relations: tuple[Relation, ...],
        derivation: Derivation,
        fixes: tuple[Fix, ...],
        proven: bool,
        all_tried: bool,
    ) -> None:
        self.code = _CODES[kind]
        self.kind = kind
        self.relations = relations
        self.derivation = derivation
        self.fixes = fixes
        self.proven = proven
        self.all_tried = all_tried
        super().__init__(
            kind=kind.value,
            relations=[[name_of(each.depender), name_of(each.dependency)] for each in relations],
            **derivation.facts(),
        )


class UnknownVersionError(RecyclicError):
    """``why-not`` about a version nobody knows. Facts: ``name``, ``version``, ``known``."""

    code = "RCY-D007"


class TooHardError(RecyclicError):
    """Neither an answer nor a refusal was found in bounded time. Facts: ``conflicts``."""

    code = "RCY-D012"
