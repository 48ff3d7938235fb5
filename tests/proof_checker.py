"""Checks a proof against the catalog it speaks of; shares no code with the resolver.

`check(proof, root, catalog)` returns what is wrong, and nothing for a proof that holds. `root` is
what is asked, `catalog` what releases declare, both as plain data:

    root = [["requires", "caisse", ">=1"]]
    catalog = {"caisse": {"1.0": {"needs": [["requires", "till", ""]], "provides": {"x": None}}}}
"""

from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

Need = list[str]
Catalog = dict[str, dict[str, dict[str, Any]]]
Terms = list[list[Any]]


def inside(version: str, specifier: str) -> bool:
    return SpecifierSet(specifier).contains(Version(version), prereleases=True)


class Checker:
    def __init__(self, proof: dict[str, Any], root: list[Need], catalog: Catalog) -> None:
        self.proof, self.wrong = proof, list[str]()
        host: Catalog = {name: {version: {"needs": []}} for name, version in proof["host"].items()}
        self.catalog: Catalog = {"<root>": {"0": {"needs": root}}, **host, **catalog}

    def check(self) -> list[str]:
        self.check_answer() if self.proof["answer"] == "yes" else self.check_refusal()
        return self.wrong

    def needs(self, name: str, version: str) -> list[Need]:
        """What a release asks, after omissions, overrides and without what cannot be checked."""
        found = []
        for kind, on, specifier in self.catalog[name][version]["needs"]:
            if kind == "requires" and on in self.proof["left_out"] and name.startswith("bundle:"):
                continue
            if on == "paheko" and on not in self.proof["host"]:
                continue
            if on in self.proof["overrides"] and kind != "conflicts":
                specifier = f"=={self.proof['overrides'][on]}"
            found.append([kind, on, specifier])
        return found

    def meets(self, name: str, version: str, on: str, specifier: str) -> bool:
        if name == on:
            return inside(version, specifier)
        if on in self.proof["overrides"]:
            return False
        offered = self.catalog[name][version].get("provides", {})
        if on not in offered:
            return False
        return inside(offered[on], specifier) if offered[on] else not specifier

    # Yes: everything is met, nothing clashes, everything is reached.

    def check_answer(self) -> None:
        chosen = {"<root>": "0", **self.proof["versions"], **self.proof["host"]}
        for name, version in chosen.items():
            if version not in self.catalog.get(name, {}):
                self.wrong.append(f"{name} {version} is not known")
                return
        reached, todo = set[str](), ["<root>"]
        while todo:
            name = todo.pop()
            if name in reached:
                continue
            reached.add(name)
            for need in self.needs(name, chosen[name]):
                todo += self.check_need(name, need, chosen)
        for name in self.proof["versions"]:
            if name not in reached or name in self.proof["left_out"]:
                self.wrong.append(f"{name} is not needed")

    def check_need(self, name: str, need: Need, chosen: dict[str, str]) -> list[str]:
        """Who meets a requirement; complains about what is unmet and what clashes."""
        kind, on, specifier = need
        who = [other for other, at in chosen.items() if self.meets(other, at, on, specifier)]
        if kind == "requires" and not who:
            self.wrong.append(f"{name} needs {on}{specifier}")
        if kind == "conflicts" and [other for other in who if other == on or other != name]:
            self.wrong.append(f"{name} conflicts with {on}")
        if kind == "optional" and on in chosen and not inside(chosen[on], specifier):
            self.wrong.append(f"{name} goes only with {on}{specifier}")
        return who if kind == "requires" else []

    # No: the rules are in the manifests, and each step follows by propagation.

    def check_refusal(self) -> None:
        for name, versions in self.proof["known"].items():
            if sorted(versions) != sorted(self.catalog.get(name, {})):
                self.wrong.append(f"the versions of {name} are others")
        rules = [rule["terms"] for rule in self.proof["rules"]]
        for rule in self.proof["rules"]:
            if not self.is_rule(rule["terms"]):
                self.wrong.append(f"nobody says {rule}")
        for step in self.proof["steps"]:
            if not self.follows(step, rules):
                self.wrong.append(f"{step} does not follow")
            rules.append(step)
        if not rules or rules[-1] != []:
            self.wrong.append("the last step is not empty")

    def is_rule(self, terms: Terms) -> bool:
        by = dict(map(tuple, terms))
        if list(by) == ["<root>"] and by["<root>"] == [None]:
            return True
        if any(self.is_choice(name, by) for name in by if "#" in name):
            return True
        if len(by) == 1 and next(iter(by)) in self.proof["left_out"]:
            return None not in next(iter(by.values()))
        return any(
            all(version is not None and self.rules_out(name, version, by) for version in states)
            for name, states in [*by.items(), ("<root>", ["0"])]
            if "#" not in name
        )

    def is_choice(self, choice: str, by: dict[str, list[Any]]) -> bool:
        """Chosen means present at an accepted version."""
        if None in by[choice] or len(by) > 2:
            return False
        others = [name for name in by if name != choice]
        for index in by[choice]:
            name, accepted = self.proof["choices"][choice][int(index)]
            left = set(by[name]) if name in others else {None, *self.proof["known"][name]}
            if left & {v for v in accepted if not self.doubtful(name, v)}:
                return False
        return True

    def doubtful(self, name: str, version: str) -> bool:
        """Pre-releases and withdrawn versions may be refused though they are in range."""
        return Version(version).is_prerelease or bool(self.catalog[name][version].get("yanked"))

    def rules_out(self, name: str, version: str, by: dict[str, list[Any]]) -> bool:
        """Does some need of this release forbid the other terms?"""
        others = {other: states for other, states in by.items() if other != name}
        for kind, on, specifier in self.needs(name, version):
            if kind == "requires":
                if self.unmet((name, version), (on, specifier), others):
                    return True
            elif kind == "conflicts" or on in others or on == name:
                # Every state that the terms leave to one other package is one that clashes.
                for other, states in others.items() or [(name, [version])]:
                    met = [v is not None and self.meets(other, v, on, specifier) for v in states]
                    if all(met) if kind == "conflicts" else other == on and not any(met):
                        return True
        return False

    def unmet(self, by: tuple[str, str], need: tuple[str, str], others: dict[str, Any]) -> bool:
        """Can nobody meet this need, given the terms on others?"""
        choice = next((other for other in others if "#" in other), None)
        if choice is not None:
            return others[choice] == [None] and self.covers(choice, *need)
        for other, known in self.catalog.items():
            for version in known:
                if self.meets(other, version, *need) and not self.doubtful(other, version):
                    possible = other not in others or version in others[other]
                    if (other, version) == by or (other != by[0] and possible):
                        return False
        return True

    def covers(self, choice: str, on: str, specifier: str) -> bool:
        """Everyone who could meet the need is among those who can be chosen."""
        listed = {(name, v) for name, versions in self.proof["choices"][choice] for v in versions}
        return all(
            (other, v) in listed or self.doubtful(other, v)
            for other, known in self.catalog.items()
            for v in known
            if self.meets(other, v, on, specifier)
        )

    def follows(self, step: Terms, rules: list[Terms]) -> bool:
        """Assume the step's terms; propagation must then find a rule broken."""
        left: dict[str, set[Any]] = {n: {None, *v} for n, v in self.proof["known"].items()}
        left |= {n: {None, *map(str, range(len(c)))} for n, c in self.proof["choices"].items()}
        for name, states in step:
            left[name] &= set(states)
        changed = True
        while changed:
            changed = False
            for terms in rules:
                open_terms = [(n, s) for n, s in terms if not left[n] <= set(s)]
                if not open_terms:
                    return True
                if len(open_terms) == 1 and left[open_terms[0][0]] & set(open_terms[0][1]):
                    left[open_terms[0][0]] -= set(open_terms[0][1])
                    changed = True
        return False


def check(proof: dict[str, Any], root: list[Need], catalog: Catalog) -> list[str]:
    return Checker(proof, root, catalog).check()
