"""A resolution that failed, in words and as JSON: numbered lines, what clashes, what helps."""

from collections.abc import Sequence
from typing import Any

from recyclic.cli.language import _
from recyclic.cli.printable import printable
from recyclic.cli.words import words_for
from recyclic.model.package import ROOT
from recyclic.resolve.derivation import Asked, Besides, Derivation, Step
from recyclic.resolve.errors import FailureKind, NoSolutionError
from recyclic.resolve.fix import Fix, Patch
from recyclic.resolve.relation import NeedKind, Relation, name_of

MOST_LINES = 40
"""No explanation is longer than this, its fixes included."""

_MOST_STEPS = 28
_FEW = 3
_MOST_BESIDES = 6


def render_no_solution(error: NoSolutionError) -> str:
    """The whole message: code and title, the lines of the conflict, the fixes."""
    words = words_for(error.code)
    title = _(words.title).format_map(error.facts) if words else error.code
    lines = [*_indented(error), *_besides_lines(error), *_fix_lines(error)]
    return "\n".join([f"{error.code}  {printable(title)}", *lines])


def no_solution_json(error: NoSolutionError) -> dict[str, Any]:
    """The value of ``error`` in the JSON document: names and lines, relations as pairs."""
    return {
        "code": error.code,
        "kind": error.kind.value,
        "relations": [
            [name_of(each.depender), name_of(each.dependency)] for each in error.relations
        ],
        "smallest": error.proven,
        "lines": conflict_lines(error),
        "fixes": [_fix_json(fix) for fix in error.fixes],
        "all_fixes_tried": error.all_tried,
        "besides": [_besides_json(each) for each in error.derivation.besides],
        "steps": [_step_json(step) for step in error.derivation.steps],
    }


def conflict_lines(error: NoSolutionError) -> list[str]:
    """The conflict, one line a relation, then what follows from them."""
    derivation = error.derivation
    steps = derivation.steps
    if len(steps) <= _MOST_STEPS:
        told = [_step_line(step) for step in steps]
        numbers = [index + 1 for index in derivation.met_by]
    else:
        told, numbers = _summary(steps), []
    lines = [f"{number}. {line}" for number, line in enumerate(told, 1)]
    return [printable(line) for line in [*lines, *_conclusion(error, numbers)]]


def _indented(error: NoSolutionError) -> list[str]:
    return [f"  {line}" for line in conflict_lines(error)]


def _summary(steps: Sequence[Step]) -> list[str]:
    """One line a depender; beyond what fits, how many more there are."""
    by_depender: dict[str, list[Step]] = {}
    for step in steps:
        by_depender.setdefault(name_of(step.relation.depender), []).append(step)
    lines = []
    for who, mine in by_depender.items():
        wanted = ", ".join(name_of(step.relation.dependency) for step in mine)
        place = mine[0].asked[0].place
        if mine[0].relation.depender == ROOT:
            lines.append(_("{place} asks for {wanted}").format(place=place, wanted=wanted))
        else:
            template = _("{place} {who} asks something of {wanted}")
            lines.append(template.format(place=place, who=who, wanted=wanted))
    if len(lines) > _MOST_STEPS:
        left = len(lines) - _MOST_STEPS
        template = _("and {count} more packages ask something; --format json lists all of it")
        lines = [*lines[:_MOST_STEPS], template.format(count=left)]
    return lines


def _step_line(step: Step) -> str:
    dependency = name_of(step.relation.dependency)
    parts = []
    told = None
    for asked in step.asked[:_FEW]:
        what = _asked(step, asked, dependency)
        # A line of the request is always named; of a release's lines the newest one's is enough.
        again = told is not None and (step.relation.depender != ROOT or asked.place == told)
        parts.append(what if again else f"{asked.place} {what}")
        told = asked.place
    if len(step.asked) > _FEW:
        parts.append(_("and others ask for others"))
    line = "; ".join(parts)
    if not step.providers:
        return line
    names = _and_more(step.providers[:_FEW], len(step.providers))
    return _("{line} (provided by {names})").format(line=line, names=names)


def _asked(step: Step, asked: Asked, dependency: str) -> str:
    wanted = f"{dependency}{asked.specifier}"
    if step.relation.depender == ROOT:
        return _ROOT_ASKS[asked.kind]().format(wanted=wanted)
    who = _who(name_of(step.relation.depender), asked.versions or step.releases)
    return _ASKS[asked.kind]().format(who=who, wanted=wanted)


# Functions, because each text is translated when it is used and found by the extractor.
_ROOT_ASKS = {
    NeedKind.REQUIRES: lambda: _("asks for {wanted}"),
    NeedKind.OPTIONAL: lambda: _("takes only {wanted}, if any"),
    NeedKind.CONFLICTS: lambda: _("does not allow {wanted}"),
}
_ASKS = {
    NeedKind.REQUIRES: lambda: _("{who} requires {wanted}"),
    NeedKind.OPTIONAL: lambda: _("{who} takes only {wanted}, if any"),
    NeedKind.CONFLICTS: lambda: _("{who} does not go with {wanted}"),
}


def _who(name: str, versions: Sequence[str]) -> str:
    if not versions:
        return name
    if len(versions) <= _FEW:
        return _("{name} {versions}").format(name=name, versions=", ".join(versions))
    template = _("{name} ({count} releases from {first} to {last})")
    return template.format(name=name, count=len(versions), first=versions[0], last=versions[-1])


def _conclusion(error: NoSolutionError, numbers: Sequence[int]) -> list[str]:
    """What the lines come to; one or two lines."""
    derivation = error.derivation
    name = name_of(derivation.clash) if derivation.clash else ""
    known = _listed(_marked(_known(derivation), derivation))
    facts = {
        "name": name,
        "known": known,
        "lines": _joined(numbers),
        "nearest": ", ".join(_marked(derivation.nearest, derivation)),
        "place": derivation.omitted_at or "",
    }
    return [line.format_map(facts) for line in _conclusion_templates(error, derivation, numbers)]


def _known(derivation: Derivation) -> Sequence[str]:
    return derivation.steps[derivation.met_by[0]].known if derivation.met_by else ()


def _marked(versions: Sequence[str], derivation: Derivation) -> list[str]:
    """Each version; one that was withdrawn says so."""
    withdrawn = _("{version} (withdrawn)")
    return [
        withdrawn.format(version=each) if each in derivation.withdrawn else each
        for each in versions
    ]


def _conclusion_templates(
    error: NoSolutionError, derivation: Derivation, numbers: Sequence[int]
) -> list[str]:
    if error.kind is FailureKind.NO_SUCH_MODULE:
        found = [_("There is no {name} in the catalog.")]
        return [*found, _("Did you mean {nearest}?")] if derivation.nearest else found
    if error.kind is FailureKind.EXCLUDED:
        return [_("{place} leaves {name} out.")]
    if error.kind is FailureKind.PLATFORM:
        return [_("This host has {name} {known}.")] if derivation.met_by else []
    if error.kind is FailureKind.NO_VERSION and not _known(derivation):
        return [_("What provides {name} does not provide it at such a version.")]
    if error.kind is FailureKind.NO_VERSION:
        return [_("Known versions of {name}: {known}. Nearest: {nearest}.")]
    if derivation.clash is None or not derivation.steps:
        return [_("Every combination of these releases breaks one of these lines.")]
    if len(numbers) > 1:
        return [_("Lines {lines} leave no version of {name}. Known: {known}.")]
    return [_("No version of {name} is left. Known: {known}.")]


def _listed(versions: Sequence[str]) -> str:
    """A few versions, or the ends of many."""
    if not versions:
        return "-"
    if len(versions) <= 2 * _FEW:
        return ", ".join(versions)
    return f"{', '.join(versions[:2])}, …, {', '.join(versions[-3:])}"


def _joined(numbers: Sequence[int]) -> str:
    texts = [str(number) for number in numbers]
    if len(texts) < 2:
        return "".join(texts)
    return _("{several} and {last}").format(several=", ".join(texts[:-1]), last=texts[-1])


def _besides_lines(error: NoSolutionError) -> list[str]:
    """What else is wrong and has nothing to do with it; at most a line for each sort."""
    besides = error.derivation.besides
    missing = [each for each in besides if each.missing]
    others = [each for each in besides if not each.missing]
    lines = []
    if missing:
        names = [f"{name_of(each.relation.dependency)} ({each.place})" for each in _few(missing)]
        template = _("Not in the catalog either: {names}.")
        lines.append(template.format(names=_and_more(names, len(missing))))
    if others:
        pairs = [f"{_arrow(each.relation)} ({each.place})" for each in _few(others)]
        template = _("Something else cannot be had either: {pairs}.")
        lines.append(template.format(pairs=_and_more(pairs, len(others))))
    return [printable(f"  {line}") for line in lines]


def _few(besides: Sequence[Besides]) -> Sequence[Besides]:
    return besides[:_MOST_BESIDES]


def _arrow(relation: Relation) -> str:
    dependency = name_of(relation.dependency)
    return (
        dependency if relation.depender == ROOT else f"{name_of(relation.depender)} → {dependency}"
    )


def _and_more(texts: Sequence[str], count: int) -> str:
    """A few of them, and how many more there are."""
    listed = ", ".join(texts)
    more = count - len(texts)
    return _("{listed} and {count} more").format(listed=listed, count=more) if more else listed


def _fix_lines(error: NoSolutionError) -> list[str]:
    lines = [
        printable(f"  {_('fix')} {number}  {_fix_text(fix)}")
        for number, fix in enumerate(error.fixes, 1)
    ]
    if error.all_tried:
        return lines
    return [*lines, "  " + _("The search for fixes was cut short: there may be others.")]


def _fix_text(fix: Fix) -> str:
    return _(" and ").join(_patch_text(patch) for patch in fix.patches)


def _patch_text(patch: Patch) -> str:
    facts = {
        "place": patch.place,
        "name": patch.package.name if patch.renamed else name_of(patch.package),
        "old": patch.old or "*",
        "new": patch.new or "*",
        "renamed": patch.renamed or "",
    }
    if patch.renamed is not None:
        template = _("{place} write {renamed} instead of {name}")
    elif patch.new is None:
        template = _("{place} take out {name}")
    else:
        template = _('{place} write {name} = "{new}" instead of "{old}"')
    return template.format_map(facts)


def _fix_json(fix: Fix) -> dict[str, Any]:
    return {
        "text": printable(_fix_text(fix)),
        "patches": [
            {
                "file": patch.place.file,
                "line": patch.place.line,
                "name": patch.renamed or name_of(patch.package),
                "old": patch.old or "*",
                "new": None if patch.new is None else patch.new or "*",
                "renamed_from": name_of(patch.package) if patch.renamed else None,
            }
            for patch in fix.patches
        ],
        "versions": dict(fix.versions),
    }


def _besides_json(besides: Besides) -> dict[str, Any]:
    return {
        "depender": name_of(besides.relation.depender),
        "dependency": name_of(besides.relation.dependency),
        "missing": besides.missing,
        "file": besides.place.file,
        "line": besides.place.line,
    }


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "depender": name_of(step.relation.depender),
        "dependency": name_of(step.relation.dependency),
        "releases": list(step.releases),
        "providers": list(step.providers),
        "asked": [
            {
                "kind": asked.kind.value,
                "specifier": asked.specifier,
                "releases": list(asked.versions),
                "file": asked.place.file,
                "line": asked.place.line,
            }
            for asked in step.asked
        ],
    }
