"""why, why-not, outdated, diff, graph, --fix and --proof over an index."""

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from tests.integration.cli.command import recyclic, write_bundle
from tests.proof_checker import check as check_proof


def _release(version: str, *needs: str) -> dict[str, Any]:
    return {"name": "m", "version": version, "dependencies": {"modules": list(needs)}}


INDEX: dict[str, Any] = {
    "format": 1,
    "modules": {
        "a": {"1.0": _release("1.0", "c<2"), "2.0": _release("2.0", "c<2")},
        "b": {"1.0": _release("1.0", "c>=2")},
        "c": {"1.0": _release("1.0"), "2.0": _release("2.0")},
    },
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An index in which a and b do not go together, and a bundle for each wish."""
    (tmp_path / "index.json").write_text(json.dumps(INDEX, indent=1))
    write_bundle(tmp_path, "good", '[modules]\na = "*"\n')
    write_bundle(tmp_path, "bad", '[modules]\na = "*"\nb = "*"\n')
    return tmp_path


CATALOG = ("--catalog", "index.json")


def test_the_json_of_an_answer(project: Path) -> None:
    """Versions by kind, the boot order, who asked for each."""
    done = recyclic(project, "resolve", "bundle", "good", *CATALOG, "--format", "json")
    assert done.document == {
        "format": 1,
        "versions": {
            "modules": {"a": "2.0", "c": "1.0"},
            "paheko": {},
            "bundles": {"good": "1.0.0"},
        },
        "order": ["c", "a"],
        "required_by": {"a": ["<root>"], "bundle:good": ["<root>"], "c": ["a"]},
    }


def test_the_json_of_a_conflict(project: Path) -> None:
    """The smallest set of relations, each a depender and a dependency; exit 1."""
    done = recyclic(project, "resolve", "bundle", "bad", *CATALOG, "--format", "json")
    error = done.document["error"]
    assert (done.status, error["kind"]) == (1, "conflict")
    wanted = [["<root>", "a"], ["<root>", "b"], ["a", "c"], ["b", "c"]]
    assert sorted(error["relations"]) == wanted
    assert any("bad.toml:4" in line for line in error["lines"])


def test_a_fix_is_written_and_works(project: Path) -> None:
    """--fix N changes the one line it says, and the bundle resolves from then on."""
    done = recyclic(project, "resolve", "bundle", "bad", *CATALOG, "--fix", "1")
    assert done.status == 0, done.err
    text = (project / "bundles/bad.toml").read_text()
    assert text.count("\n") == 4
    assert recyclic(project, "resolve", "bundle", "bad", *CATALOG).status == 0


@pytest.mark.parametrize(("bundle", "status"), [("good", 0), ("bad", 1)])
def test_a_proof_convinces_a_stranger(project: Path, bundle: str, status: int) -> None:
    """--proof writes, for yes and for no, what the independent checker accepts."""
    done = recyclic(project, "resolve", "bundle", bundle, *CATALOG, "--proof", "proof.json")
    assert done.status == status
    proof = json.loads((project / "proof.json").read_text())
    assert proof["answer"] == ("no" if status else "yes")
    wishes = [["requires", name, ""] for name in ("a", "b")[: 1 + status]]
    catalog = {
        name: {
            number: {"needs": [_need(text) for text in release["dependencies"]["modules"]]}
            for number, release in versions.items()
        }
        for name, versions in INDEX["modules"].items()
    }
    catalog[f"bundle:{bundle}"] = {"1.0.0": {"needs": wishes}}
    asked = {
        "needs": [["requires", f"bundle:{bundle}", "===1.0.0"]],
        "host": {"python": platform.python_version(), "recyclic": version("recyclic")},
        "overrides": {},
        "left_out": [],
        "opened": {},
    }
    assert check_proof(proof, asked, catalog) == []
    for rule in proof.get("rules", ()):
        for name, states in list(rule.items()):
            for more in {None, *catalog[name]} - {*states} if name in catalog else ():
                rule[name] = [*states, more]
                assert check_proof(proof, asked, catalog), f"{rule} was believed"
            rule[name] = states


def _need(text: str) -> list[str]:
    return ["requires", text[:1], text[1:]]


def test_why_and_why_not(project: Path) -> None:
    """Paths from the root; the reason against a version, or its price."""
    why = recyclic(project, "why", "c", "bundle", "good", *CATALOG, "--json").document
    assert [link["package"] for link in why["paths"][0]] == ["a", "c"]
    no = recyclic(project, "why-not", "c==2.0", "bundle", "good", *CATALOG, "--json").document
    assert no["possible"] is False
    assert ["a", "c"] in no["error"]["relations"]
    yes = recyclic(project, "why-not", "a==1.0", "bundle", "good", *CATALOG, "--json").document
    assert yes["changes"] == [{"name": "a", "before": "2.0", "after": "1.0"}]
    unknown = recyclic(project, "why", "nope", "bundle", "good", *CATALOG)
    assert (unknown.status, "RCY-U008" in unknown.err) == (1, True)


def test_outdated_names_who_holds_back(project: Path) -> None:
    """c has a 2.0 that a does not accept."""
    done = recyclic(project, "outdated", "bundle", "good", *CATALOG, "--json").document
    (found,) = done["outdated"]
    assert (found["name"], found["newest"], found["held_by"][0]["name"]) == ("c", "2.0", "a")


def test_diff_of_two_resolutions(project: Path) -> None:
    """What moved from one answer to another."""
    for name in ("highest", "lowest"):
        extra = ("--lowest",) if name == "lowest" else ()
        done = recyclic(project, "resolve", "bundle", "good", *CATALOG, "--format", "json", *extra)
        (project / f"{name}.json").write_text(done.out)
    done = recyclic(project, "diff", "highest.json", "lowest.json", "--json")
    assert done.document["changes"] == [{"name": "a", "before": "2.0", "after": "1.0"}]


@pytest.mark.parametrize(
    ("format", "mark"),
    [("svg", "<svg"), ("mermaid", "flowchart"), ("dot", "digraph"), ("json", '"format": 1')],
)
def test_the_graph_in_every_form(project: Path, format: str, mark: str) -> None:
    """Each form names what is in the answer."""
    done = recyclic(project, "graph", "bundle", "good", *CATALOG, "--format", format)
    assert (done.status, mark in done.out) == (0, True)
    assert "c" in done.out


def test_a_copy_of_a_bundle_beside_it_is_in_nobodys_way(project: Path) -> None:
    """The bundle file that was named speaks for its bundle, whatever lies in the same folder."""
    text = (project / "bundles/good.toml").read_text()
    (project / "bundles/draft.toml").write_text(text)
    (project / "bundles/broken.toml").write_text(text + "= nonsense\n")
    (project / "bundles/bad_copy.toml").write_text((project / "bundles/bad.toml").read_text())
    assert recyclic(project, "resolve", "bundle", "good", *CATALOG).status == 0
    assert recyclic(project, "why-not", "c==2.0", "bundle", "good", *CATALOG).status == 0


def test_a_circle_has_versions_but_cannot_be_planned(project: Path) -> None:
    """JSON answers with an empty order and names the circle; everything else refuses it."""
    index = {"format": 1, "modules": {"x": {"1.0": _release("1.0", "y")}}}
    index["modules"]["y"] = {"1.0": _release("1.0", "x")}  # type: ignore[index]
    (project / "circle.json").write_text(json.dumps(index))
    write_bundle(project, "round", '[modules]\nx = "*"\n')
    words = ("bundle", "round", "--catalog", "circle.json")
    answer = recyclic(project, "resolve", *words, "--format", "json").document
    assert (answer["order"], answer["versions"]["modules"]) == ([], {"x": "1.0", "y": "1.0"})
    assert "x -> y -> x" in answer["findings"][0]["message"]
    for verb in ("plan", "resolve"):
        done = recyclic(project, verb, *words)
        assert (done.status, "x -> y -> x" in done.err) == (1, True)


def test_a_profile_finds_its_bundle_whatever_the_catalog(project: Path) -> None:
    """--catalog says where modules come from; the project's own bundles are always there."""
    (project / "profiles").mkdir()
    (project / "profiles/lyon.toml").write_text('site = "lyon"\nbundle = "good>=1"\n')
    done = recyclic(project, "resolve", "profile", "lyon", *CATALOG, "--json")
    assert done.document["versions"]["bundles"] == {"good": "1.0.0"}
