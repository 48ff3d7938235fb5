"""Every scenario file gives exactly what it says: the versions, or the words of the refusal."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.version import Version
from tests.scenarios.scenario_file import Scenario, package, read_scenario

from recyclic.cli.asking import why_not_text
from recyclic.cli.render_conflict import MOST_LINES, conflict_lines, render_no_solution
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.relation import name_of
from recyclic.resolve.resolve import resolve
from recyclic.resolve.why_not import why_not

FILES = sorted(Path(__file__).parent.glob("*.toml"))


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")


def outcome(scenario: Scenario) -> Mapping[str, object]:
    """What happened, in the shape of a file's ``expect``."""
    try:
        found = resolve(scenario.request, scenario.catalog, scenario.host, scenario.preferences)
    except NoSolutionError as error:
        text = render_no_solution(error)
        assert len(text.splitlines()) <= MOST_LINES
        assert len(conflict_lines(error)) <= len(error.relations) + 2
        relations = [
            f"{name_of(each.depender)} -> {name_of(each.dependency)}" for each in error.relations
        ]
        return {"kind": error.kind.value, "relations": relations, "text": text + "\n"}
    versions = {name_of(package): str(version) for package, version in found.versions.items()}
    chosen = {asked: name_of(package) for asked, package in found.chosen_providers.items()}
    asked = scenario.expect.get("why_not", {})
    why_not = {question: explained(scenario, question) for question in asked}
    return (
        {"versions": versions}
        | ({"chosen": chosen} if chosen else {})
        | ({"why_not": why_not} if asked else {})
    )


def explained(scenario: Scenario, question: str) -> str:
    """Why not NAME==VERSION, in the words people get."""
    name, _, version = question.partition("==")
    text = why_not_text(
        why_not(
            scenario.request,
            scenario.catalog,
            scenario.host,
            scenario.preferences,
            package(name),
            Version(version),
        )
    )
    assert len(text.splitlines()) <= MOST_LINES + 1
    return text + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    """The file's sentence says which rule it shows."""
    scenario = read_scenario(path)
    assert outcome(scenario) == scenario.expect, scenario.about


def test_there_are_enough() -> None:
    """Sixty or more with the exact text of an explanation, each with a sentence of its own."""
    scenarios = [read_scenario(path) for path in FILES]
    assert len({each.about for each in scenarios}) == len(FILES)
    told = [each for each in scenarios if each.expect.keys() & {"text", "why_not"}]
    assert len(told) >= 60
