"""Where a catalog comes from: folders, indexes, Pahekos, entry points, and what is shipped."""

import json
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from recyclic.manifest.bundle_file import load_bundle
from recyclic.manifest.sources import (
    CatalogSource,
    SourceKind,
    catalog_source,
    default_sources,
    load_catalog,
)
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.package import OriginKind, Package, PackageKind


def module(name: str) -> Package:
    return Package(PackageKind.MODULE, name)


def write_module(folder: Path, text: str = "", version: str = "1.0") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "module.toml").write_text(f'name = "x"\nversion = "{version}"\n{text}')


def write_bundle(path: Path, text: str = "", version: str = "1.0") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'name = "{path.stem}"\nversion = "{version}"\n{text}')


def test_a_source_is_told_by_what_is_there(tmp_path: Path) -> None:
    """A Paheko by its command, an index by being a file; all else is a folder."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "paheko").write_text("")
    (tmp_path / "index.json").write_text("{}")
    assert catalog_source(tmp_path).kind is SourceKind.PAHEKO
    assert catalog_source(tmp_path / "index.json").kind is SourceKind.INDEX
    assert catalog_source(tmp_path / "bin").kind is SourceKind.FOLDER


def test_all_missing_sources_are_told(tmp_path: Path) -> None:
    """Not only the first."""
    with pytest.raises(DiagnosticsError) as caught:
        load_catalog([catalog_source(tmp_path / "a"), catalog_source(tmp_path / "b.json")])
    assert [each.code for each in caught.value.diagnostics] == ["RCY-M002", "RCY-M002"]


def test_a_folder_holds_anything(tmp_path: Path) -> None:
    """Modules, bundles, extensions, an index; in it, and in the folders a project has."""
    write_module(tmp_path / "a")
    write_module(tmp_path / "modules" / "b")
    write_bundle(tmp_path / "one.toml")
    write_bundle(tmp_path / "bundles" / "two.toml")
    (tmp_path / "saisie_poids").mkdir()
    (tmp_path / "saisie_poids" / "module.ini").write_text('name="x"')
    index = {"format": 1, "modules": {"c": {"2.0": {}}}}
    (tmp_path / "index.json").write_text(json.dumps(index))
    catalog = load_catalog([catalog_source(tmp_path)])
    assert set(catalog.names(PackageKind.MODULE)) == {"a", "b", "c"}
    assert set(catalog.names(PackageKind.BUNDLE)) == {"one", "two"}
    found = catalog.release(Package(PackageKind.EXTENSION, "saisie_poids"), Version("0"))
    assert found.origin.kind is OriginKind.PAHEKO


def test_versions_of_all_sources_count_and_the_first_answers(tmp_path: Path) -> None:
    """Where two sources know one version, the one named first gives it."""
    write_module(tmp_path / "m" / "a", version="1.0")
    index = {"format": 1, "modules": {"a": {"1.0": {"name": "indexed"}, "2.0": {}}}}
    (tmp_path / "index.json").write_text(json.dumps(index))
    sources = [catalog_source(tmp_path / "m"), catalog_source(tmp_path / "index.json")]
    catalog = load_catalog(sources)
    assert [str(each) for each in catalog.versions(module("a"))] == ["1.0", "2.0"]
    assert catalog.release(module("a"), Version("1.0")).label == "x"
    catalog = load_catalog(list(reversed(sources)))
    assert catalog.release(module("a"), Version("1.0")).label == "indexed"


def test_a_bundle_file_that_was_named_comes_first(tmp_path: Path) -> None:
    """Whatever lies in the folders."""
    write_bundle(tmp_path / "bundles" / "b.toml")
    write_bundle(tmp_path / "b.toml", "[modules]\na = '*'\n")
    named = load_bundle(tmp_path / "b.toml")
    catalog = load_catalog(default_sources(tmp_path), [named])
    assert catalog.release(named.package, Version("1.0")) is named


def test_a_broken_module_troubles_those_who_ask_for_it(tmp_path: Path) -> None:
    """They are told the mistakes of every module of the folder."""
    write_module(tmp_path / "good")
    write_module(tmp_path / "bad", "unknown = 1\n")
    write_module(tmp_path / "worse", "x = \n")
    catalog = load_catalog([catalog_source(tmp_path)])
    assert catalog.versions(module("good"))
    with pytest.raises(DiagnosticsError) as caught:
        catalog.versions(module("bad"))
    assert [each.code for each in caught.value.diagnostics] == ["RCY-M053", "RCY-M012"]


def test_a_broken_bundle_troubles_those_who_ask_for_it(tmp_path: Path) -> None:
    """By the name it claims, not by that of its file."""
    write_bundle(tmp_path / "good.toml")
    (tmp_path / "file.toml").write_text('name = "claimed"\nversion = "x"\n')
    (tmp_path / "profile.toml").write_text('site = "a"\nbundle = "good"\n')
    catalog = load_catalog([CatalogSource(SourceKind.BUNDLES, tmp_path)])
    assert catalog.versions(Package(PackageKind.BUNDLE, "good"))
    assert catalog.versions(Package(PackageKind.BUNDLE, "file")) == ()
    with pytest.raises(DiagnosticsError):
        catalog.versions(Package(PackageKind.BUNDLE, "claimed"))


def test_two_files_with_one_bundle(tmp_path: Path) -> None:
    """Two versions may lie side by side; one version twice may not."""
    write_bundle(tmp_path / "b.toml")
    (tmp_path / "b2.toml").write_text('name = "b"\nversion = "2.0"\n')
    source = CatalogSource(SourceKind.BUNDLES, tmp_path)
    package = Package(PackageKind.BUNDLE, "b")
    assert [str(each) for each in load_catalog([source]).versions(package)] == ["1.0", "2.0"]
    (tmp_path / "b3.toml").write_text('name = "b"\nversion = "1"\n')
    with pytest.raises(DiagnosticsError) as caught:
        load_catalog([source]).versions(package)
    assert [each.code for each in caught.value.diagnostics] == ["RCY-M046"]


def test_providers_of_all_sources(tmp_path: Path) -> None:
    """A source that comes first decides alone about the versions it holds."""
    write_module(tmp_path / "m" / "a", "[dependencies]\nprovides = ['till']\n")
    write_module(tmp_path / "m" / "b")
    provides = {"dependencies": {"provides": ["till==2"]}}
    index = {"format": 1, "modules": {"b": {"1.0": provides, "2.0": provides}}}
    (tmp_path / "index.json").write_text(json.dumps(index))
    catalog = load_catalog(
        [catalog_source(tmp_path / "m"), catalog_source(tmp_path / "index.json")]
    )
    assert [(package.name, str(version)) for package, version in catalog.providers("till")] == [
        ("a", "1.0"),
        ("b", "2.0"),
    ]


def test_shipped_facts_are_the_last_resort(tmp_path: Path) -> None:
    """Without any Paheko the official extensions are known, and said to be the host's own."""
    caisse = Package(PackageKind.EXTENSION, "caisse")
    catalog = load_catalog([])
    (version,) = catalog.versions(caisse)
    release = catalog.release(caisse, version)
    assert (str(version), release.origin.kind) == ("0.8.12", OriginKind.HOST)
    assert [str(each) for each in release.requires] == ["paheko>=1.3"]
    index = {"format": 1, "extensions": {"caisse": {"0.7.0": {}}}}
    (tmp_path / "index.json").write_text(json.dumps(index))
    catalog = load_catalog([catalog_source(tmp_path / "index.json")])
    assert [str(each) for each in catalog.versions(caisse)] == ["0.7.0"]


def test_facts_about_official_extensions() -> None:
    """What was measured on a real Paheko."""
    catalog = load_catalog([])

    def needs(name: str) -> tuple[str, list[str]]:
        package = Package(PackageKind.EXTENSION, name)
        (version,) = catalog.versions(package)
        return str(version), [str(each) for each in catalog.release(package, version).requires]

    assert needs("taima") == ("1.1.0", ["paheko>=1.3.6"])
    assert needs("stock_velos") == ("4.4.0", ["paheko>=1.3"])
    assert needs("helloasso") == ("1.0.0", ["paheko>=1.3.22"])
    assert needs("invoice") == ("0.1.0", ["paheko>=1.3.22"])
    assert needs("saisie_poids") == ("0", [])


@pytest.fixture
def site_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path, as ``pip install --target`` leaves one."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(folder: Path, entry: str, manifest: str | None) -> None:
    """A distribution ``their-dist`` with the package ``their_package.module``."""
    package = folder / "their_package" / "module"
    package.mkdir(parents=True)
    for each in (package.parent, package):
        (each / "__init__.py").write_text("raise AssertionError('imported')")
    if manifest is not None:
        (package / "module.toml").write_text(manifest)
    info = folder / "their_dist-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-dist\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[recyclic.modules]\n{entry}\n")


def test_an_entry_point_is_read_and_never_imported(site_packages: Path) -> None:
    """Its name is the entry point's; its origin names distribution and object."""
    install(
        site_packages,
        "repair_shop = their_package.module:MODULE_CLASS",
        'name = "Repairs"\nversion = "0.3"\n[dependencies]\nprovides = ["repairs"]\n',
    )
    catalog = load_catalog([CatalogSource(SourceKind.ENTRY_POINTS)])
    assert [str(each) for each in catalog.versions(module("repair_shop"))] == ["0.3"]
    assert [package.name for package, _ in catalog.providers("repairs")] == ["repair_shop"]
    release = catalog.release(module("repair_shop"), Version("0.3"))
    assert (release.origin.kind, release.origin.path) == (
        OriginKind.ENTRY_POINT,
        "their-dist:their_package.module:MODULE_CLASS",
    )
    assert "their_package" not in sys.modules


@pytest.mark.parametrize(
    "entry", ["repair_shop = their_package.module:X", "repair_shop = nowhere:X"]
)
def test_an_entry_point_without_a_manifest(entry: str, site_packages: Path) -> None:
    """Told when the module is asked for."""
    install(site_packages, entry, None)
    catalog = load_catalog([CatalogSource(SourceKind.ENTRY_POINTS)])
    with pytest.raises(DiagnosticsError) as caught:
        catalog.versions(module("repair_shop"))
    assert [each.code for each in caught.value.diagnostics] == ["RCY-M047"]
