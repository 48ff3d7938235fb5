"""Checks a proof against the catalog it speaks of; shares no code with the resolver.

`check(proof, asked, catalog)` returns what is wrong, nothing for a proof that holds, and
raises LookupError for what speaks of names, versions or fields that are not there:

    asked = {"needs": [["requires", "caisse", ">=1"]], "host": {}, "overrides": {}, "left_out": [],
             "opened": {"caisse": ["2.0rc1"]}}  # like any other, though early or withdrawn
    catalog = {"caisse": {"1.0": {"needs": [["requires", "till", ""]], "provides": {"x": None}}}}

A rule gives names and states of each (versions, None for "not in") that cannot all be at once.
"""

from collections.abc import Iterator
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

Catalog = dict[str, dict[str, dict[str, Any]]]
Rule = dict[str, set[str | None]]
Terms = dict[str, list[str | None]]


def inside(version: str | None, specifier: str) -> bool:
    return SpecifierSet(specifier).contains(version, prereleases=True) if version else not specifier


class Checker:
    def __init__(self, proof: dict[str, Any], asked: dict[str, Any], catalog: Catalog) -> None:
        self.proof, self.asked, self.no = proof, asked, proof["answer"] == "no"
        given: Catalog = {name: {version: {"needs": []}} for name, version in asked["host"].items()}
        self.catalog = {**given, **catalog, "<root>": {"0": {"needs": asked["needs"]}}}
        choices = proof.get("choices", {})
        self.choices = {name: choices[name] for name in choices if name not in self.catalog}
        for name, who in self.choices.items():
            self.catalog[name] = {at: {"needs": [["chooses", *who[at]]]} for at in who}
        self.states: Rule = {name: {None, *known} for name, known in self.catalog.items()}
        self.states["<root>"] = {"0"}

    def needs(self, name: str, version: str) -> Iterator[Any]:
        """What a release asks, after omissions, overrides and without what cannot be checked."""
        omitted = self.asked["left_out"] if name.startswith("bundle:") else []
        for kind, on, specifier in self.catalog[name][version]["needs"]:
            if on in self.asked["overrides"] and kind in ("requires", "optional"):
                specifier = f"=={self.asked['overrides'][on]}"
            unknown = on == "paheko" and on not in self.asked["host"]
            if not unknown and not (kind == "requires" and on in omitted):
                yield kind, on, specifier

    def fits(self, name: str, version: str, on: str, specifier: str) -> bool:
        """A pre-release or a withdrawn version: only for who asks for that, or where opened."""
        clauses = [*SpecifierSet(specifier)] if name == on else []
        exact = any(one.operator in ("==", "===") and "*" not in one.version for one in clauses)
        finals = [each for each in self.catalog[name] if not Version(each).is_prerelease]
        early = finals and version not in finals and not any(one.prereleases for one in clauses)
        refused = early or (self.catalog[name][version].get("yanked") and not exact)
        return not refused or version in self.asked["opened"].get(name, ())

    def meeting(self, kind: str, on: str, specifier: str) -> Rule:
        """Who meets a need, at which versions."""
        found: Rule = {}
        for name, releases in self.catalog.items():
            for version, release in releases.items():
                others = {} if on in self.asked["overrides"] else release.get("provides", {})
                offers = {**others, name: version}
                offered = on in offers and inside(offers[on], specifier)
                if offered and (kind != "requires" or self.fits(name, version, on, specifier)):
                    found.setdefault(name, set()).add(version)
        return found

    def rules(self, name: str, version: str) -> Iterator[Rule]:
        """What cannot be while this release is in; a choice is in with one who is listed."""
        if name == "<root>":
            yield from ({out: {*self.catalog.get(out, ())}} for out in self.asked["left_out"])
        for kind, on, specifier in self.needs(name, version):
            met = {} if kind == "chooses" else self.meeting(kind, on, specifier)
            if kind == "chooses":
                yield {on: self.states[on] - {*specifier}}
            elif kind == "optional":
                yield {on: self.states.get(on, set()) - met.get(on, set()) - {None}}
            elif kind == "conflicts":
                yield from ({who: at} for who, at in met.items() if who == on or who != name)
            elif version not in met.get(name, ()):
                yield {who: self.states[who] - at for who, at in met.items()}
                for choice, listed in self.choices.items():
                    accepted = dict(listed.values())
                    if all(at <= {*accepted.get(who, ())} for who, at in met.items()):
                        yield {choice: {None}}

    def check_answer(self) -> Iterator[str]:
        """Everything is met, nothing clashes, everything is reached."""
        chosen = {**self.proof["versions"], **self.asked["host"], "<root>": "0"}
        meets = set[tuple[str, str]]()
        for name, version in chosen.items():
            for rule in self.rules(name, version):
                if all(chosen.get(other) in states for other, states in rule.items()):
                    yield f"{name} {version} does not go with {rule}"
            needs = [need for need in self.needs(name, version) if need[0] == "requires"]
            met = [item for need in needs for item in self.meeting(*need).items()]
            meets |= {(name, who) for who, versions in met if chosen.get(who) in versions}
        reached = {"<root>"}
        while new := {who for name, who in meets if name in reached} - reached:
            reached |= new
        yield from (f"{name} is not needed" for name in {*self.proof["versions"]} - reached)

    def check_refusal(self) -> Iterator[str]:
        """The rules are in the manifests, and each step follows by propagation to the empty one."""
        rules = [*self.proof["rules"]]
        yield from (f"nobody says {rule}" for rule in rules if not self.is_rule(rule))
        for step in self.proof["steps"]:
            if not self.follows(step, rules):
                yield f"{step} does not follow"
            rules.append(step)
        if rules[-1:] != [{}]:
            yield "the last step is not empty"

    def is_rule(self, terms: Terms) -> bool:
        """Is there a name that stands for releases which, each, rule out the other terms?"""
        rooted: Terms = {"<root>": ["0"], **terms}
        return any(all(self.rules_out(terms, name, v) for v in rooted[name]) for name in rooted)

    def rules_out(self, terms: Terms, name: str, version: str | None) -> bool:
        held: dict[str, Any] = {**self.states, **terms, name: {version}}
        rules = self.rules(name, version) if version else ()
        return any(all(at.issuperset(held.get(n, [None])) for n, at in r.items()) for r in rules)

    def follows(self, step: Terms, rules: list[Terms]) -> bool:
        """Assume the step's terms; propagation must then find a rule broken."""
        left = self.states | {name: self.states[name].intersection(step[name]) for name in step}
        before: Rule = {}
        while left != before:
            before = dict(left)
            for rule in rules:
                unsure = [name for name in rule if not left[name].issubset(rule[name])]
                if not unsure:
                    return True
                if len(unsure) == 1:
                    left[unsure[0]] = left[unsure[0]].difference(rule[unsure[0]])
        return False


def check(proof: dict[str, Any], asked: dict[str, Any], catalog: Catalog) -> list[str]:
    if proof["asked"] != asked:
        return ["another question was asked"]
    checker = Checker(proof, asked, catalog)
    return [*(checker.check_refusal() if checker.no else checker.check_answer())]
