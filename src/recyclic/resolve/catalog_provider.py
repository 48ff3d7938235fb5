"""The catalog's answers to the solver: packages as numbers, manifests as incompatibilities."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recyclic.model.package import ROOT, Package, Requirement
from recyclic.resolve.alternatives import Alternatives
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.known_versions import is_exact
from recyclic.resolve.preferences import Strategy
from recyclic.resolve.problem import Problem
from recyclic.resolve.relation import Need, NeedKind, Relation
from recyclic.resolve.term import (
    ABSENT,
    Term,
    conjunction,
    indexes,
    newest,
    oldest,
    state_of,
    states,
)

_Subject = Package | Alternatives


@dataclass(frozen=True, slots=True)
class _Edge:
    """A requirement that ``target`` can meet: remembered until a yanked version shows."""

    dependers: Term
    accepted: int
    relation: Relation | None


class CatalogProvider:
    """Numbers packages as they are met and translates what their releases ask.

    Args:
        keep: Says which relations count; the others are passed over, as if nobody had asked.
        targets: The state to leave each package in if that can be.

    Attributes:
        domains: See :class:`recyclic.resolve.provider.Provider`.
        subjects: What each number stands for.
    """

    def __init__(
        self,
        problem: Problem,
        keep: Callable[[Relation], bool] | None = None,
        targets: Mapping[Package, int] | None = None,
    ) -> None:
        self.domains: list[int] = []
        self.subjects: list[_Subject] = []
        self._problem = problem
        self._keep = keep
        self._targets = targets or {}
        self._numbers: dict[_Subject, int] = {}
        self._edges: list[list[_Edge]] = []
        self._withdrawn: list[int] = []
        self._keeps: list[int] = []
        self._stood: list[tuple[int, ...]] = []
        self._lowest: list[bool] = []
        self._found: list[Incompatibility] = []
        self._requested: set[Package] = set()
        self._offered: set[Package] = set()
        for requirement in problem.requested_requirements():
            choices = problem.meeting(requirement)
            self._requested.add(requirement.package)
            self._offered.update(package for package, _ in choices)

    def number(self, package: _Subject) -> int:
        """The number of a package, given on first use."""
        number = self._numbers.get(package)
        return self._introduce(package) if number is None else number

    def start(self) -> Iterable[Incompatibility]:
        """See :class:`recyclic.resolve.provider.Provider`."""
        root = self.number(ROOT)
        self._found.append(Incompatibility(((root, ABSENT),)))
        return self._take()

    def incompatibilities(self, package: int, versions: int) -> Sequence[Incompatibility]:
        """See :class:`recyclic.resolve.provider.Provider`."""
        subject = self.subjects[package]
        if isinstance(subject, Alternatives):
            self._choose_one(package, subject, versions)
        else:
            self._rule_out(package, subject, versions)
        return self._take()

    def rank(self, package: int) -> tuple[int, str]:
        """The requested bundle, then what is requested by name, then the rest; choices last.

        A requested name that several modules can meet is chosen, and those who can meet it are
        decided, before anything that nobody requested.
        """
        subject = self.subjects[package]
        if isinstance(subject, Alternatives):
            return (2, str(subject.name)) if subject.name in self._requested else (5, "")
        if self._problem.is_root(subject):
            return (0, "")
        if subject in self._requested:
            return (1, str(subject))
        return (3, str(subject)) if subject in self._offered else (4, "")

    def choose(self, package: int, candidates: int, domains: Sequence[int]) -> int:
        """The target, else where it stood since, last what is locked or installed, else by
        strategy; for a choice, who is in already."""
        if isinstance(self.subjects[package], Alternatives):
            return self._choose_provider(package, candidates, domains)
        kept = self._keeps[package] & candidates
        if kept:
            return kept
        for stood in self._stood[package]:
            if stood & candidates:
                return stood
        return oldest(candidates) if self._lowest[package] else newest(candidates)

    def kept_states(self) -> dict[int, int]:
        """The packages met so far that have a target, each with that state."""
        return {package: state for package, state in enumerate(self._keeps) if state}

    def is_requested(self, package: int) -> bool:
        """True for what is requested by name, who can meet it, and the choice between them."""
        return self.rank(package) < (4, "")

    def preferred_to(self, package: int, state: int) -> int:
        """The states that :meth:`choose` would rather have than that one; none for a choice, and
        for what is at its target or still what is locked."""
        chosen = isinstance(self.subjects[package], Alternatives)
        if chosen or state == self._keeps[package] or state in self._stood[package]:
            return 0
        below = (state - 1) & ~ABSENT
        return below if self._lowest[package] else self.domains[package] & ~below & ~state & ~ABSENT

    # Packages.

    def _introduce(self, subject: _Subject) -> int:
        number = self._numbers[subject] = len(self.subjects)
        self.subjects.append(subject)
        self._edges.append([])
        self._withdrawn.append(0)
        if isinstance(subject, Alternatives):
            self.domains.append(states(len(subject.choices)))
            self._keeps.append(0)
            self._stood.append(())
            self._lowest.append(False)
            return number
        known = self._problem.known(subject)
        self.domains.append(known.everything | ABSENT)
        stood = self._problem.preferences.stood(subject)
        self._keeps.append(self._targets.get(subject, 0))
        self._stood.append(tuple(known.state(each) for each in stood if each is not None))
        strategy = self._problem.preferences.strategy
        direct = subject in self._offered and strategy is Strategy.LOWEST_DIRECT
        self._lowest.append(strategy is Strategy.LOWEST or direct)
        if self._problem.omitted(subject) and known.everything:
            self._found.append(Incompatibility(((number, known.everything),)))
        return number

    def _choose_provider(self, package: int, candidates: int, domains: Sequence[int]) -> int:
        subject = self.subjects[package]
        assert isinstance(subject, Alternatives)

        def merit(index: int) -> tuple[bool, bool, bool, int]:
            provider, _ = subject.choices[index]
            number = self.number(provider)
            present = not domains[number] & ABSENT if number < len(domains) else False
            named = provider == subject.name
            return (not named, not present, self._keeps[number] <= ABSENT, index)

        return state_of(min(indexes(candidates), key=merit))

    # Incompatibilities.

    def _take(self) -> list[Incompatibility]:
        found, self._found = self._found, []
        return found

    def _choose_one(self, package: int, subject: Alternatives, versions: int) -> None:
        for index in indexes(versions):
            provider, accepted = subject.choices[index]
            # What a choice means is a fact: no relation, so nothing can take it back.
            self._require((package, state_of(index)), provider, accepted, False, None)

    def _rule_out(self, package: int, subject: Package, versions: int) -> None:
        """Everything those versions ask, equal needs of several versions as one."""
        problem = self._problem
        known = problem.known(subject)
        merged: dict[tuple[str, Package, str], tuple[Need, int]] = {}
        if not versions & (versions - 1):
            (index,) = indexes(versions)
            self._rule_out_one(package, subject, index)
            return
        for index in indexes(versions):
            version = known.versions[index]
            state = state_of(index)
            if problem.yanked(subject, version):
                self._withdraw(package, state)
            for need in problem.needs(subject, version):
                requirement = need.requirement
                key = (need.kind.value, requirement.package, str(requirement.specifier))
                first = merged.get(key)
                merged[key] = (need, state) if first is None else (first[0], first[1] | state)
        for need, dependers in merged.values():
            self._translate(package, subject, dependers, need)

    def _rule_out_one(self, package: int, subject: Package, index: int) -> None:
        """One release: nothing to merge, which is what most packages ever need."""
        problem = self._problem
        version, state = problem.known(subject).versions[index], state_of(index)
        if problem.yanked(subject, version):
            self._withdraw(package, state)
        for need in problem.needs(subject, version):
            self._translate(package, subject, state, need)

    def _translate(self, package: int, subject: Package, dependers: int, need: Need) -> None:
        requirement = need.requirement
        relation = self._problem.relation(subject, requirement)
        if self._keep is not None and relation is not None and not self._keep(relation):
            return
        term = (package, dependers)
        if need.kind is NeedKind.REQUIRES:
            self._translate_requirement(term, requirement, relation)
        elif need.kind is NeedKind.OPTIONAL:
            known = self._problem.known(requirement.package)
            misfits = known.everything & ~known.within(requirement.specifier)
            self._forbid(term, requirement.package, misfits, relation)
        else:
            self._translate_conflict(term, subject, requirement, relation)

    def _translate_requirement(
        self, term: Term, requirement: Requirement, relation: Relation | None
    ) -> None:
        choices = self._problem.meeting(requirement)
        exact = is_exact(requirement.specifier)
        if len(choices) > 1:
            target = self.number(Alternatives(requirement.package, choices))
            self._found.append(Incompatibility((term, (target, ABSENT)), relation))
        elif choices:
            package, accepted = choices[0]
            exact = exact and package == requirement.package
            self._require(term, package, accepted, exact, relation)
        else:
            self._found.append(Incompatibility((term,), relation))

    def _translate_conflict(
        self, term: Term, subject: Package, requirement: Requirement, relation: Relation | None
    ) -> None:
        """Nobody of that name, and no other provider of it, inside the specifier."""
        named = requirement.package
        within = self._problem.known(named).within(requirement.specifier)
        self._forbid(term, named, within, relation)
        for provider in self._problem.providers(named):
            if provider != subject:
                offered = self._problem.offering(provider, requirement)
                self._forbid(term, provider, offered, relation)

    def _require(
        self, term: Term, package: Package, accepted: int, exact: bool, relation: Relation | None
    ) -> None:
        target = self.number(package)
        if not exact:
            accepted &= ~self._withdrawn[target]
            self._edges[target].append(_Edge(term, accepted, relation))
        refused = self.domains[target] & ~accepted
        self._emit((term, (target, refused)), relation)

    def _forbid(
        self, term: Term, package: Package, versions: int, relation: Relation | None
    ) -> None:
        if versions:
            self._emit((term, (self.number(package), versions)), relation)

    def _emit(self, terms: tuple[Term, ...], relation: Relation | None) -> None:
        """Keep what says something: no term that always holds, none that never does."""
        kept = tuple(
            (package, mask) for package, mask in conjunction(terms) if self.domains[package] & ~mask
        )
        if all(mask for _, mask in kept):
            self._found.append(Incompatibility(kept, relation))

    def _withdraw(self, package: int, state: int) -> None:
        """A yanked version: nobody's requirement accepts it unless it names exactly that."""
        if self._withdrawn[package] & state:
            return
        self._withdrawn[package] |= state
        for edge in self._edges[package]:
            if edge.accepted & state:
                self._emit((edge.dependers, (package, state)), edge.relation)
