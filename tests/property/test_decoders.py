"""Whatever stands in a file, a decoder gives a value or findings; never another exception."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.version import Version

from recyclic.manifest.bundle_file import load_bundle
from recyclic.manifest.check import check_path
from recyclic.manifest.config_file import load_config
from recyclic.manifest.extension_file import load_extension
from recyclic.manifest.index_file import IndexCatalog, load_index
from recyclic.manifest.module_file import load_module
from recyclic.manifest.profile import load_profile
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import ExtensionKind, Package, PackageKind, Release

RELAXED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

MODULE = {
    "name": "Caisse",
    "version": "0.1.0",
    "description": "A till",
    "permissions": {"section": "accounting", "level": "write"},
    "ui": {"routes": ["/modules/caisse"], "slots": ["sale"]},
    "dependencies": {"modules": ["stock>=1"], "python": ["httpx>=0.27"], "provides": ["till==1"]},
    "events": {"emits": ["sold", {"name": "closed", "version": 2}], "consumes": []},
    "settings": {"properties": {"currency": {"type": "string", "default": "EUR"}}},
}
BUNDLE = {
    "name": "standard",
    "version": "1.0.0",
    "include": ["socle>=1.0"],
    "requires": {"core": ">=0.1"},
    "modules": {"caisse": ">=0.1"},
    "paheko": {"caisse": ">=0.8"},
    "features": {"weighing": ["caisse>=0.1", "paheko:saisie_poids"]},
    "settings": {"caisse": {"currency": "EUR"}},
}
PROFILE = {
    "site": "lyon",
    "bundle": "standard>=1,<2",
    "modules": {"barcodes": ">=0.2", "jarvos": False},
    "override": {"paheko:caisse": "0.8"},
    "settings": {"paheko_sync": {"token": {"env": "TOKEN"}}},
    "hosts": {"paheko": {"root": "/var/www/paheko"}},
    "events": {"url": {"env": "REDIS_URL"}},
}
CONFIG = {
    "format": 1,
    "site": "lyon",
    "bundle": "standard",
    "bundle_version": "1.0.0",
    "modules": {"enabled": ["caisse"]},
    "versions": {"modules": {"caisse": "0.1.0"}},
    "hashes": {"modules": {"caisse": "sha256:" + "0" * 64}},
}

Loader = Callable[[Path], Any]


def load_module_file(path: Path) -> Any:
    return load_module(path.parent)


KINDS: list[tuple[str, dict[str, Any], Loader]] = [
    ("module.toml", MODULE, load_module_file),
    ("bundle.toml", BUNDLE, load_bundle),
    ("profile.toml", PROFILE, load_profile),
    ("config.toml", CONFIG, load_config),
]
by_kind = pytest.mark.parametrize(("name", "valid", "load"), KINDS, ids=[k[0] for k in KINDS])

scalars = st.one_of(
    st.text(max_size=12),
    st.integers(),
    st.booleans(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.sampled_from(["\0", "*", ">=1", "^1", "1.0.0", "caisse>=1", "a b", "../x", "\u202e", ""]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
known_keys = st.sampled_from(
    sorted({key for _, valid, _ in KINDS for key in valid} | {"env", "file", "root", "url"})
)
tables = st.dictionaries(st.one_of(known_keys, st.text(max_size=8)), values, max_size=8)


def outcome(load: Loader, path: Path) -> Any:
    """What ``load`` gives, or its findings, each with a code and a place in some file."""
    try:
        return load(path)
    except DiagnosticsError as error:
        assert error.diagnostics
        for found in error.diagnostics:
            assert found.code.startswith("RCY-")
            assert found.place is not None
            repr(found)
            found.sort_key()
        return error


@by_kind
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
@RELAXED
def test_any_bytes(
    name: str, valid: dict[str, Any], load: Loader, content: bytes, tmp_path: Path
) -> None:
    """Bytes of any kind, TOML or not."""
    (tmp_path / name).write_bytes(content)
    outcome(load, tmp_path / name)


@by_kind
@given(table=tables)
@RELAXED
def test_any_toml(
    name: str, valid: dict[str, Any], load: Loader, table: dict[str, Any], tmp_path: Path
) -> None:
    """TOML of any shape, with keys that mean something among the others."""
    (tmp_path / name).write_text(tomli_w.dumps(table), encoding="utf-8")
    outcome(load, tmp_path / name)


@by_kind
@given(data=st.data())
@RELAXED
def test_mutated_manifests(
    name: str, valid: dict[str, Any], load: Loader, data: st.DataObject, tmp_path: Path
) -> None:
    """A good manifest with one value, anywhere in it, replaced by any other."""
    mutated = json.loads(json.dumps(valid))
    at: Any = mutated
    key = data.draw(st.sampled_from(list(at)))
    while isinstance(at[key], (dict, list)) and at[key] and data.draw(st.booleans()):
        at = at[key]
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
    at[key] = data.draw(values)
    (tmp_path / name).write_text(tomli_w.dumps(mutated), encoding="utf-8")
    outcome(load, tmp_path / name)


@by_kind
@given(data=st.data())
@RELAXED
def test_cut_and_spliced_text(
    name: str, valid: dict[str, Any], load: Loader, data: st.DataObject, tmp_path: Path
) -> None:
    """A good manifest's text with a piece taken out and another put in."""
    text = tomli_w.dumps(valid)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    piece = data.draw(
        st.one_of(st.text(max_size=6), st.sampled_from(['"""', "[[", "]", "'", "=."]))
    )
    (tmp_path / name).write_text(text[:start] + piece + text[end:], encoding="utf-8")
    outcome(load, tmp_path / name)


@by_kind
def test_the_manifests_these_tests_start_from_are_good(
    name: str, valid: dict[str, Any], load: Loader, tmp_path: Path
) -> None:
    """Otherwise a mutation would prove nothing."""
    (tmp_path / name).write_text(tomli_w.dumps(valid), encoding="utf-8")
    assert not isinstance(outcome(load, tmp_path / name), DiagnosticsError)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=10,
)
entries = st.one_of(
    json_values,
    st.fixed_dictionaries(
        {},
        optional={
            "name": json_values,
            "version": st.one_of(st.just("1.0"), json_values),
            "dependencies": st.dictionaries(
                st.sampled_from(["modules", "python", "provides", "nothing"]),
                st.one_of(json_values, st.lists(st.sampled_from(["a>=1", "b", "^"]), max_size=3)),
            ),
            "artifact": json_values,
            "yanked": json_values,
            "modules": json_values,
            "min_version": json_values,
        },
    ),
)
indexes = st.fixed_dictionaries(
    {"format": st.one_of(st.just(1), json_values)},
    optional={
        section: st.one_of(
            json_values,
            st.dictionaries(
                st.sampled_from(["a", "b_c", "paheko", "No!"]),
                st.dictionaries(st.sampled_from(["1.0", "1", "2a", "x"]), entries, max_size=3),
                max_size=3,
            ),
        )
        for section in ("modules", "extensions", "bundles")
    },
)


def read_whole_index(path: Path) -> None:
    """Ask for everything; what one package has wrong stops no other."""
    catalog = load_index(path)
    for kind in (PackageKind.MODULE, PackageKind.EXTENSION, PackageKind.BUNDLE):
        for name in catalog.names(kind):
            read_package(catalog, Package(kind, name), path)
    catalog.check()


def read_package(catalog: IndexCatalog, package: Package, path: Path) -> None:
    versions = outcome(lambda _: catalog.versions(package), path)
    if not isinstance(versions, DiagnosticsError):
        for version in versions:
            outcome(partial(_read_release, catalog, package, version), path)


def _read_release(catalog: IndexCatalog, package: Package, version: Version, _: Path) -> Release:
    return catalog.release(package, version)


@given(document=indexes)
@RELAXED
def test_any_index(document: dict[str, Any], tmp_path: Path) -> None:
    """JSON of any shape, index-like or not."""
    (tmp_path / "index.json").write_text(json.dumps(document), encoding="utf-8")
    outcome(read_whole_index, tmp_path / "index.json")


@given(
    content=st.one_of(st.binary(max_size=200), json_values.map(lambda v: json.dumps(v).encode()))
)
@RELAXED
def test_any_bytes_as_index(content: bytes, tmp_path: Path) -> None:
    """Bytes of any kind, JSON or not."""
    (tmp_path / "index.json").write_bytes(content)
    outcome(read_whole_index, tmp_path / "index.json")


ini_lines = st.lists(
    st.one_of(
        st.sampled_from(
            ['name="A"', 'version="1.0"', 'version="2"', "menu=true", "[x]", "restrict_level=none"]
        ),
        st.text(alphabet=st.sampled_from("ab=\";'[]()1 .\\n$"), max_size=12),
        st.text(max_size=12),
    ),
    max_size=6,
)


@pytest.mark.parametrize("kind", list(ExtensionKind))
@given(lines=ini_lines)
@RELAXED
def test_any_ini(kind: ExtensionKind, lines: list[str], tmp_path: Path) -> None:
    """Ini files of any shape, good lines among the others."""
    folder = tmp_path / "caisse"
    folder.mkdir(exist_ok=True)
    (folder / f"{kind.value}.ini").write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    outcome(lambda path: load_extension(path, kind), folder)


@given(
    content=st.binary(max_size=100), name=st.sampled_from(["a.toml", "index.json", "plugin.ini"])
)
@RELAXED
def test_check_never_raises(content: bytes, name: str, tmp_path: Path) -> None:
    """``check`` tells all there is to tell as findings."""
    (tmp_path / name).write_bytes(content)
    for found in check_path(tmp_path / name):
        assert found.code.startswith("RCY-")
