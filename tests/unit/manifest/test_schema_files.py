"""The schemas beside the code: current, sound, and of one mind with the readers."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from recyclic.manifest.check import check_path
from recyclic.manifest.schema_files import schemas

ROOT = Path(__file__).parents[3]

MANIFESTS = [
    *(("module", path) for path in sorted(ROOT.glob("modules/*/module.toml"))),
    *(("bundle", path) for path in sorted(ROOT.glob("bundles/*.toml"))),
    *(("profile", path) for path in sorted(ROOT.glob("bundles/profiles/*.toml"))),
]
each_manifest = pytest.mark.parametrize(
    ("kind", "path"), MANIFESTS, ids=[str(path.relative_to(ROOT)) for _, path in MANIFESTS]
)


@pytest.mark.parametrize("name", sorted(schemas()))
def test_committed_schemas_are_current(name: str) -> None:
    """``make schemas`` was run after the last change to the models."""
    assert json.loads((ROOT / "schemas" / name).read_text()) == schemas()[name]


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_is_a_schema(name: str) -> None:
    """Draft 7, which every editor knows."""
    Draft7Validator.check_schema(schemas()[name])


@each_manifest
def test_our_own_manifests_are_good(kind: str, path: Path) -> None:
    """Nothing is found in any of them."""
    assert check_path(path) == []


@each_manifest
def test_our_own_manifests_fit_their_schemas(kind: str, path: Path) -> None:
    """What the reader takes, an editor does not underline."""
    schema = schemas()[f"{kind}.schema.json"]
    assert list(Draft7Validator(schema).iter_errors(tomllib.loads(path.read_text()))) == []


GOOD: dict[str, dict[str, Any]] = {
    "module": {"name": "A", "version": "1.0"},
    "bundle": {"name": "a", "version": "1.0"},
    "profile": {"site": "a", "bundle": "b"},
    "index": {"format": 1},
    "config": {"format": 1, "site": "a", "bundle": "b", "bundle_version": "1"},
}
BAD: list[tuple[str, dict[str, Any]]] = [
    ("module", {"unknown": 1}),
    ("module", {"version": "one"}),
    ("module", {"permissions": {"section": "nowhere", "level": "read"}}),
    ("module", {"dependencies": {"modules": [">=1"]}}),
    ("module", {"events": {"emits": [{"version": 1}]}}),
    ("bundle", {"modules": {"a": "^1"}}),
    ("bundle", {"name": "A B"}),
    ("profile", {"modules": {"a": 1}}),
    ("profile", {"events": {"url": {"env": "A", "file": "B"}}}),
    ("index", {"modules": {"a": {"1.0": {"dependencies": {"modules": "a"}}}}}),
    ("config", {"hashes": {"requirements": "md5:0"}}),
]


@pytest.mark.parametrize("kind", GOOD)
def test_the_smallest_good_files_fit(kind: str) -> None:
    """Nothing optional is required."""
    validator = Draft7Validator(schemas()[f"{kind}.schema.json"])
    assert validator.is_valid(GOOD[kind])


@pytest.mark.parametrize(("kind", "change"), BAD)
def test_an_editor_underlines_common_mistakes(kind: str, change: dict[str, Any]) -> None:
    """Not all that the reader finds, but unknown keys, types, names and ranges."""
    validator = Draft7Validator(schemas()[f"{kind}.schema.json"])
    assert not validator.is_valid(GOOD[kind] | change)
