"""index.json: read lazily, refused loudly, and kept in a cache nobody needs to trust."""

import json
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from recyclic.manifest import index_cache
from recyclic.manifest.index_cache import CachedContent, cache_folder, find_cached
from recyclic.manifest.index_file import IndexCatalog, load_index
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError
from recyclic.model.package import OriginKind, Package, PackageKind, Release

INDEX: dict[str, Any] = {
    "format": 1,
    "modules": {
        "caisse": {
            "0.1.0": {},
            "0.10.0": {"dependencies": {"modules": ["stock>=1"], "provides": ["till==1.0"]}},
            "0.2.0": {
                "name": "Till",
                "version": "0.2",
                "artifact": {"path": "caisse.tar.gz", "sha256": "0" * 64, "size": 12},
                "yanked": "loses sales",
            },
        },
        "stock": {"1.0": {"yanked": True, "settings": {"properties": {"a": {"default": 1}}}}},
    },
    "extensions": {
        "caisse": {
            "0.8.12": {"min_version": "1.3"},
            "0.9": {
                "kind": "plugin",
                "dependencies": {
                    "paheko": ["saisie_poids"],
                    "modules": ["caisse"],
                    "optional": ["taima"],
                    "conflicts": ["old"],
                },
            },
        },
        "saisie_poids": {"0": {"kind": "module"}},
    },
    "bundles": {"standard": {"1.0": {"modules": {"caisse": ">=0.1"}, "include": ["socle"]}}},
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def write(tmp_path: Path, document: Any, **layout: Any) -> Path:
    path = tmp_path / "index.json"
    text = document if isinstance(document, str) else json.dumps(document, **layout)
    path.write_text(text, encoding="utf-8")
    return path


def module(name: str) -> Package:
    return Package(PackageKind.MODULE, name)


def told(path: Path) -> list[Diagnostic]:
    """What checking a whole index finds."""
    try:
        return load_index(path).check()
    except DiagnosticsError as error:
        return list(error.diagnostics)


def release(catalog: IndexCatalog, package: Package, version: str) -> Release:
    return catalog.release(package, Version(version))


def test_versions_are_sorted_as_versions(tmp_path: Path) -> None:
    """Not as texts, and yanked ones included."""
    catalog = load_index(write(tmp_path, INDEX))
    assert [str(each) for each in catalog.versions(module("caisse"))] == [
        "0.1.0",
        "0.2.0",
        "0.10.0",
    ]
    assert catalog.versions(module("nowhere")) == ()
    assert catalog.versions(Package(PackageKind.CAPABILITY, "caisse")) == ()


def test_releases_of_all_kinds(tmp_path: Path) -> None:
    """Name and version come from the keys; the rest as in the files of each kind."""
    catalog = load_index(write(tmp_path, INDEX))
    caisse = release(catalog, module("caisse"), "0.2.0")
    assert (caisse.label, caisse.yanked, caisse.origin.kind) == (
        "Till",
        "loses sales",
        OriginKind.INDEX,
    )
    assert caisse.artifact is not None
    assert (caisse.artifact.location, caisse.artifact.size_bytes) == ("caisse.tar.gz", 12)
    assert release(catalog, module("stock"), "1.0").yanked == "yanked"
    plugin = release(catalog, Package(PackageKind.EXTENSION, "caisse"), "0.9")
    assert [str(each.package) for each in plugin.requires] == [
        "module:caisse",
        "paheko:saisie_poids",
    ]
    assert [str(each.package) for each in (*plugin.optional, *plugin.conflicts)] == [
        "paheko:taima",
        "paheko:old",
    ]
    older = release(catalog, Package(PackageKind.EXTENSION, "caisse"), "0.8.12")
    assert [str(each) for each in older.requires] == ["paheko>=1.3"]
    bundle = release(catalog, Package(PackageKind.BUNDLE, "standard"), "1.0")
    assert [str(each.package) for each in bundle.requires] == ["bundle:socle", "module:caisse"]


def test_providers_are_found(tmp_path: Path) -> None:
    """Over all modules and versions."""
    catalog = load_index(write(tmp_path, INDEX))
    assert catalog.providers("till") == ((module("caisse"), Version("0.10.0")),)
    assert catalog.providers("nothing") == ()


def test_a_place_is_found_when_it_is_asked_for(tmp_path: Path) -> None:
    """Line and column of the very text, in a file of many lines or of one."""
    wanted = '"stock>=1"'
    for layout in ({"indent": 2}, {}):
        path = write(tmp_path, INDEX, **layout)
        (needs,) = release(load_index(path), module("caisse"), "0.10.0").requires
        line = path.read_text().splitlines()[needs.place.line - 1]
        start = needs.place.column - 1
        assert line[start : start + needs.place.length] == wanted


def test_one_bad_entry_troubles_only_those_who_ask_for_it(tmp_path: Path) -> None:
    """The others stay usable."""
    document = json.loads(json.dumps(INDEX))
    document["modules"]["caisse"]["0.1.0"] = {"dependencies": {"modules": ["^1"]}}
    catalog = load_index(write(tmp_path, document))
    assert release(catalog, module("caisse"), "0.10.0")
    with pytest.raises(DiagnosticsError):
        release(catalog, module("caisse"), "0.1.0")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "RCY-M014"),
        ('{"format": NaN}', "RCY-M014"),
        ('{"format": 1e999}', "RCY-M014"),
        ('{"format": 1, "modules": {"a": "\\ud800"}}', "RCY-M014"),
        ('{"format": 1} x', "RCY-M014"),
        ("[" * 100_000, "RCY-M015"),
        (
            '{"format": 1, "modules": {"a": {"1": {"settings": ' + '{"a":' * 90 + "1" + "}" * 94,
            "RCY-M015",
        ),
        ('{"format": 1, "format": 1}', "RCY-M011"),
        ('{"format": 1, "modules": {"a": {"1": {"name": "x", "name": "y"}}}}', "RCY-M011"),
        ("[]", "RCY-M021"),
        ("null", "RCY-M021"),
        ("{}", "RCY-M032"),
        ('{"format": 2}', "RCY-M032"),
        ('{"format": true}', "RCY-M032"),
        ('{"format": 1, "moduls": {}}', "RCY-M019"),
        ('{"format": 1, "modules": []}', "RCY-M021"),
        ('{"format": 1, "modules": {"a": []}}', "RCY-M021"),
        ('{"format": 1, "modules": {"a": {"1": []}}}', "RCY-M021"),
        ('{"format": 1, "modules": {"a b": {"1": {}}}}', "RCY-M010"),
        ('{"format": 1, "modules": {"a": {"one": {}}}}', "RCY-M024"),
        ('{"format": 1, "modules": {"a": {"1.0": {}, "1": {}}}}', "RCY-M013"),
        ('{"format": 1, "modules": {"a": {"1": {"version": "2"}}}}', "RCY-M052"),
        ('{"format": 1, "bundles": {"a": {"1": {"name": "b"}}}}', "RCY-M052"),
        ('{"format": 1, "modules": {"a": {"1": {"yanked": 1}}}}', "RCY-M021"),
        ('{"format": 1, "modules": {"a": {"1": {"artifact": {"sha256": "x"}}}}}', "RCY-M033"),
        ('{"format": 1, "extensions": {"a": {"1": {"kind": "x"}}}}', "RCY-M022"),
        ('{"format": 1, "extensions": {"a": {"1": {"min_version": "x"}}}}', "RCY-M024"),
        ('{"format": 1, "modules": {"a": {"1": {"dependencies": {"modules": [{}]}}}}}', "RCY-M021"),
    ],
)
def test_a_hostile_or_broken_index(text: str, code: str, tmp_path: Path) -> None:
    """Each gives its code, at a place."""
    found = told(write(tmp_path, text))
    assert [each.code for each in found] == [code]
    assert found[0].place is not None


def test_a_quote_before_a_colon_inside_a_text_is_no_duplicate(tmp_path: Path) -> None:
    """The quick count of keys is only a hint."""
    document = {"format": 1, "modules": {"a": {"1": {"description": 'x": ":y', "name": ":a"}}}}
    assert told(write(tmp_path, document)) == []


def big(count: int = 1500) -> dict[str, Any]:
    """An index large enough for the cache."""
    entry = {"description": "x" * 100, "dependencies": {"provides": ["cap"]}}
    modules = {f"m{number}": {"1.0": entry, "2.0": {}} for number in range(count)}
    return {"format": 1, "modules": modules, "bundles": INDEX["bundles"]}


def cache_files() -> list[Path]:
    return sorted(cache_folder().iterdir()) if cache_folder().is_dir() else []


def test_a_cached_index_answers_like_the_parsed_one(tmp_path: Path) -> None:
    """Same versions, releases, providers, names; and places in the original file."""
    path = write(tmp_path, big(), indent=1)
    first, second = load_index(path), load_index(path)
    assert isinstance(second._content, CachedContent)
    for kind in (PackageKind.MODULE, PackageKind.BUNDLE, PackageKind.EXTENSION):
        assert list(first.names(kind)) == list(second.names(kind))
    assert first.providers("cap") == second.providers("cap")
    for package in (module("m7"), Package(PackageKind.BUNDLE, "standard")):
        for version in first.versions(package):
            assert first.release(package, version) == second.release(package, version)


def test_a_small_index_is_not_cached(tmp_path: Path) -> None:
    """Parsing it costs no more than looking."""
    load_index(write(tmp_path, INDEX))
    assert cache_files() == []


def test_a_changed_index_is_another_index(tmp_path: Path) -> None:
    """The cache is keyed by content, not by path or time."""
    load_index(write(tmp_path, big()))
    changed = load_index(write(tmp_path, big(1501)))
    assert changed.versions(module("m1500"))
    assert len(cache_files()) == 2


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{}\n",
        b"not json\n{}",
        b'{"format":1}\nx',
        "cut",
        "flip",
    ],
)
def test_a_damaged_cache_is_passed_over_and_written_again(
    damage: bytes | str, tmp_path: Path
) -> None:
    """Whatever it holds, the answers come from the index."""
    path = write(tmp_path, big())
    load_index(path)
    (file,) = cache_files()
    whole = file.read_bytes()
    flipped = whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:]
    new = {"cut": whole[: len(whole) // 2], "flip": flipped}.get(str(damage), damage)
    file.write_bytes(new if isinstance(new, bytes) else new.encode())
    assert find_cached(path.read_bytes()) is None
    assert [str(each) for each in load_index(path).versions(module("m3"))] == ["1.0", "2.0"]
    assert cache_files()[0].read_bytes() == whole


def test_a_cache_that_others_could_write_is_not_believed(tmp_path: Path) -> None:
    """It might say anything."""
    path = write(tmp_path, big())
    load_index(path)
    cache_files()[0].chmod(0o666)
    assert find_cached(path.read_bytes()) is None


def test_no_cache_folder_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only home, or a file in the way."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert load_index(write(tmp_path, big())).versions(module("m3"))


def test_the_cache_does_not_grow_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest give way."""
    monkeypatch.setattr(index_cache, "_KEPT_FILES", 2)
    for count in (1501, 1502, 1503):
        load_index(write(tmp_path, big(count)))
    assert len(cache_files()) == 2
