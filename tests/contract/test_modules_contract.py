"""What every module in modules/ and every bundle in bundles/ must be."""

import ast
import json
import re
import tomllib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement

from recyclic.cli.main import invoke

pytest_plugins = ["recyclic.testing.plugin"]

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.parent for path in (ROOT / "modules").glob("*/module.toml"))
BUNDLES = sorted((ROOT / "bundles").glob("*.toml"))
PROFILES = sorted((ROOT / "bundles" / "profiles").glob("*.toml"))
MAY_SEE = (
    "recyclic.events.bus",
    "recyclic.events.event",
    "recyclic.model",
    "recyclic.kit",
    "recyclic.runtime.module",
)
Boot = Callable[..., Awaitable[Any]]


def manifest_of(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "module.toml").read_text(encoding="utf-8"))


def imported_by(file: Path) -> Iterator[str]:
    """Every absolute import of a file, also those inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = "." * node.level
            yield f"{above}{node.module or ''}"


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_a_module_sees_the_bus_and_nothing_else_of_ours(folder: Path) -> None:
    """No other module, no Redis, no installer: modules meet on the bus."""
    for file in folder.rglob("*.py"):
        if "tests" in file.relative_to(folder).parts:
            continue
        for name in imported_by(file):
            assert not name.startswith(("modules", "..", "redis")), f"{file} imports {name}"
            if name == "recyclic" or name.startswith("recyclic."):
                assert name.startswith(MAY_SEE), f"{file} imports {name}"


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_a_modules_defaults_fit_its_own_schema(folder: Path) -> None:
    """Every setting is described, and its default is a value it accepts."""
    schema = manifest_of(folder).get("settings", {})
    Draft202012Validator.check_schema(schema)
    for name, described in schema.get("properties", {}).items():
        if "default" in described:
            Draft202012Validator(described).validate(described["default"])
        assert "type" in described, name


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_a_module_has_its_page_and_its_tests(folder: Path) -> None:
    """docs/modules/NAME.md tells of every setting; tests/ has tests."""
    page = (ROOT / "docs" / "modules" / f"{folder.name}.md").read_text(encoding="utf-8")
    for name in manifest_of(folder).get("settings", {}).get("properties", {}):
        assert f"`{name}`" in page, f"{name} is not on the page"
    assert list((folder / "tests").glob("test_*.py"))


def test_consumers_understand_emitters() -> None:
    """What a module reads of an event is a part of what its emitter promises."""
    emitted = dict(_schemas("emits"))
    for name, wanted in _schemas("consumes"):
        offered = emitted[name]
        assert set(wanted["required"]) <= set(offered["required"])
        for field in wanted["properties"]:
            assert wanted["properties"][field]["type"] == offered["properties"][field]["type"]


def _schemas(direction: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for folder in MODULES:
        for event in manifest_of(folder).get("events", {}).get(direction, ()):
            yield event["name"], json.loads((folder / event["schema"]).read_text(encoding="utf-8"))


@pytest.mark.anyio
@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
async def test_a_module_boots_with_its_defaults(site: Boot, folder: Path) -> None:
    """Healthy without a setting, with only the modules that its module.toml needs."""
    needed = manifest_of(folder).get("dependencies", {}).get("modules", ())
    shop = await site(*(Requirement(text).name for text in needed), folder.name)
    report = (await shop.client.get("/health")).json()
    assert report["modules"][folder.name]["state"] == "started"
    assert report["ready"] is True


@pytest.mark.anyio
async def test_slots_are_those_of_the_manifest(site: Boot) -> None:
    """A module fills exactly the slots that its module.toml names."""
    shop = await site(*(folder.name for folder in MODULES))
    document = (await shop.client.get("/api/modules")).json()
    assert len(document["modules"]) == len(MODULES)
    for module in document["modules"]:
        assert sorted(module["slots"]) == sorted(module["ui"]["slots"])


@pytest.mark.anyio
async def test_the_module_in_the_documentation_works(site: Boot, tmp_path: Path) -> None:
    """The parrot of docs/writing-a-module.md boots, hears and answers, as its own test says."""
    page = (ROOT / "docs" / "writing-a-module.md").read_text(encoding="utf-8")
    (manifest,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    code, test = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    folder = tmp_path / "doc" / "parrot"
    folder.mkdir(parents=True)
    (folder / "module.toml").write_text(manifest, encoding="utf-8")
    (folder / "__init__.py").write_text(code, encoding="utf-8")
    written: dict[str, Any] = {}
    exec(compile(test, "docs/writing-a-module.md", "exec"), written)

    async def beside_the_page(*modules: str, **options: Any) -> Any:
        return await site(*modules, sources=folder.parent, **options)

    await written["test_it_speaks"](beside_the_page)


@pytest.mark.parametrize("file", [*BUNDLES, *PROFILES], ids=lambda file: file.stem)
def test_a_bundle_or_profile_resolves(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the modules of this repository, and what is known of Paheko's extensions."""
    monkeypatch.chdir(ROOT)
    kind = "bundle" if file in BUNDLES else "profile"
    if kind == "profile" and "site" not in tomllib.loads(file.read_text(encoding="utf-8")):
        pytest.skip("only to be extended")
    code = invoke(["resolve", kind, str(file), "--format", "json"])
    shown = capsys.readouterr()
    assert code == 0, shown.err
    answer = json.loads(shown.out)
    assert sorted(answer["order"]) == sorted(answer["versions"]["modules"])
