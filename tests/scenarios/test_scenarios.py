"""Every scenario file gives exactly what it says: the versions, or the words of the refusal."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.scenarios.scenario_file import Scenario, read_scenario

from recyclic.cli.render_conflict import MOST_LINES, conflict_lines, render_no_solution
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.relation import name_of
from recyclic.resolve.resolve import resolve

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
    return {"versions": versions} | ({"chosen": chosen} if chosen else {})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    """The file's sentence says which rule it shows."""
    scenario = read_scenario(path)
    assert outcome(scenario) == scenario.expect, scenario.about


def test_there_are_enough() -> None:
    """Sixty or more, each with a sentence of its own."""
    sentences = {read_scenario(path).about for path in FILES}
    assert len(sentences) == len(FILES) >= 60
