"""Paheko's ini files: read as Paheko reads them, and every trap refused before Paheko sees it."""

from pathlib import Path

import pytest

from recyclic.manifest.extension_file import extension_kind, load_extension, read_extension
from recyclic.manifest.extension_folder import extension_folder
from recyclic.manifest.findings import Findings
from recyclic.manifest.ini import parse_ini
from recyclic.manifest.paheko_root import paheko_folders
from recyclic.model.diagnostic import DiagnosticsError, Severity
from recyclic.model.package import ExtensionKind, Package, PackageKind

PLUGIN = """\
name="Caisse"
description="Gestion de caisse :-)\\nPour une ressourcerie"
author="Paheko"
version="0.8.12"
min_version="1.3"
menu=true
home_button=true
restrict_section="users"
restrict_level="write"
"""
BRINDILLE = """\
name="Saisie au poids"
author_url="https://paheko.cloud/"
home_button=true
menu=true
restrict_section="users"
restrict_level="write"
"""


def plugin(tmp_path: Path, text: str = PLUGIN, name: str = "caisse") -> Path:
    """A plugin's folder with everything its ini promises."""
    folder = tmp_path / name
    (folder / "admin").mkdir(parents=True)
    (folder / "admin" / "index.php").write_text("<?php")
    (folder / "admin" / "icon.svg").write_text("<svg/>")
    (folder / "plugin.ini").write_text(text, encoding="utf-8")
    return folder


def brindille(tmp_path: Path, text: str = BRINDILLE, name: str = "saisie_poids") -> Path:
    folder = tmp_path / name
    folder.mkdir(parents=True)
    (folder / "module.ini").write_text(text, encoding="utf-8")
    return folder


def told(folder: Path) -> list[tuple[str, int]]:
    """Code and line of what is found in the extension in ``folder``."""
    kind = extension_kind(folder)
    assert kind is not None
    with pytest.raises(DiagnosticsError) as caught:
        load_extension(folder, kind)
    return [(each.code, each.place.line if each.place else 0) for each in caught.value.diagnostics]


def test_a_plugin(tmp_path: Path) -> None:
    """Name, version, and the Paheko it needs."""
    release = load_extension(plugin(tmp_path), ExtensionKind.PLUGIN)
    assert (release.package.name, str(release.version), release.label) == (
        "caisse",
        "0.8.12",
        "Caisse",
    )
    assert release.description == "Gestion de caisse :-)\nPour une ressourcerie"
    assert [(str(each), each.place.line) for each in release.requires] == [("paheko>=1.3", 5)]


def test_a_brindille_module_has_version_zero(tmp_path: Path) -> None:
    """Paheko gives it none."""
    release = load_extension(brindille(tmp_path), ExtensionKind.BRINDILLE)
    assert (str(release.version), release.extension_kind) == ("0", ExtensionKind.BRINDILLE)


def test_with_both_files_it_is_a_plugin(tmp_path: Path) -> None:
    """As it is for Paheko."""
    folder = plugin(tmp_path)
    (folder / "module.ini").write_text(BRINDILLE)
    assert extension_kind(folder) is ExtensionKind.PLUGIN


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('version="0.8.12"', 'version="2"', ("RCY-M042", 4)),
        ('version="0.8.12"', "version=true", ("RCY-M042", 4)),
        ('version="0.8.12"\n', "", ("RCY-M020", 1)),
        ('version="0.8.12"', 'version="0.8 beta x"', ("RCY-M024", 4)),
        ('name="Caisse"', 'name="123"', ("RCY-M038", 1)),
        ('name="Caisse"', 'name=""', ("RCY-M020", 1)),
        ('author="Paheko"', "author=yes", ("RCY-M038", 3)),
        ('restrict_level="write"', 'restrict_level="none"', ("RCY-M040", 9)),
        ('restrict_level="write"', 'restrict_level="all"', ("RCY-M031", 9)),
        ('restrict_level="write"\n', "", ("RCY-M039", 8)),
        ('restrict_section="users"\n', "", ("RCY-M039", 8)),
        ('restrict_section="users"', 'restrict_section="usres"', ("RCY-M022", 8)),
        ('restrict_section="users"', 'restrict_section="config"', ("RCY-M031", 9)),
        ("menu=true", '"menu=true', ("RCY-M036", 6)),
        ("menu=true", "null=true", ("RCY-M036", 6)),
    ],
)
def test_a_trap_in_plugin_ini(
    old: str, new: str, expected: tuple[str, int], tmp_path: Path
) -> None:
    """What Paheko refuses, crashes on or passes over in silence."""
    assert old in PLUGIN
    assert told(plugin(tmp_path, PLUGIN.replace(old, new, 1))) == [expected]


def test_a_menu_entry_needs_its_page_and_a_button_its_icon(tmp_path: Path) -> None:
    """Any truthy value counts; ``false`` does not."""
    folder = plugin(tmp_path)
    (folder / "admin" / "icon.svg").unlink()
    assert told(folder) == [("RCY-M041", 7)]
    (folder / "admin" / "index.php").unlink()
    assert told(folder) == [("RCY-M041", 6), ("RCY-M041", 7), ("RCY-M041", 7)]
    off = PLUGIN.replace("menu=true", "menu=off").replace("button=true", "button=0")
    (folder / "plugin.ini").write_text(off)
    assert load_extension(folder, ExtensionKind.PLUGIN)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("menu=true", 'min_version="1.3"', ("RCY-M044", 4)),
        ("https://paheko.cloud/", "paheko.cloud", ("RCY-M045", 2)),
        ('name="Saisie au poids"\n', "", ("RCY-M020", 1)),
    ],
)
def test_a_trap_in_module_ini(
    old: str, new: str, expected: tuple[str, int], tmp_path: Path
) -> None:
    """Paheko never registers such a module, and says so on one page only."""
    assert told(brindille(tmp_path, BRINDILLE.replace(old, new, 1))) == [expected]


def test_all_traps_are_told_together(tmp_path: Path) -> None:
    """A plugin with everything wrong."""
    text = PLUGIN.replace("0.8.12", "2").replace("Caisse", "1").replace('"write"', '"none"')
    assert [code for code, _ in told(plugin(tmp_path, text))] == [
        "RCY-M038",
        "RCY-M042",
        "RCY-M040",
    ]


@pytest.mark.parametrize("name", ["Lab_Upper", "lab-dash", "1lab", "lab__dbl"])
def test_a_name_that_does_not_exist_for_paheko(name: str, tmp_path: Path) -> None:
    """Paheko calls such a folder unknown."""
    assert told(plugin(tmp_path, name=name)) == [("RCY-M010", 1)]


def test_a_link_that_leaves_the_folder(tmp_path: Path) -> None:
    """A security alert for Paheko, for every extension; a link within is fine."""
    (tmp_path / "plugins").mkdir()
    plugin(tmp_path / "elsewhere")
    plugin(tmp_path / "plugins" / ".releases", name="foo-1.0")
    (tmp_path / "plugins" / "caisse").symlink_to(tmp_path / "elsewhere" / "caisse")
    (tmp_path / "plugins" / "foo").symlink_to(".releases/foo-1.0")
    assert told(tmp_path / "plugins" / "caisse") == [("RCY-M037", 1)]
    assert load_extension(tmp_path / "plugins" / "foo", ExtensionKind.PLUGIN)


def test_a_minimum_that_is_no_version_is_a_warning(tmp_path: Path) -> None:
    """Paheko takes it for any version, so it does not stop us."""
    folder = plugin(tmp_path, PLUGIN.replace('min_version="1.3"', 'min_version="abc"'))
    release, findings = read_extension(folder, ExtensionKind.PLUGIN)
    assert release is not None
    assert release.requires == ()
    assert [(each.code, each.severity) for each in findings.all] == [("RCY-M043", Severity.WARNING)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a="x" ; comment', "x"),
        ("a=x ; comment", "x"),
        ('a="x;y"', "x;y"),
        ("a='x'", "'x'"),
        ('a="x"y"', 'x"y'),
        ("a=1.5", "1.5"),
        ('a="5"', 5),
        ("a=007", 7),
        ("a=none", False),
        ("a=None", "None"),
        ('a="on"', True),
        ("a=null", None),
        ("a=x=y", "x=y"),
        ("[section]\na=b", "b"),
        ("; comment\n\n  a  =  b  ", "b"),
        ("a=1\na=2", 2),
        (r"a=x\ny", "x\ny"),
        ("a=1\r\nb=2", 1),
        ("a=", ""),
    ],
)
def test_values_are_what_paheko_makes_of_them(text: str, expected: object) -> None:
    """Compared once, case by case, with PHP's own parser and Paheko's conversion."""
    findings = Findings()
    found = parse_ini("x.ini", text, findings)
    assert findings.all == []
    value = found["a"].value
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize("text", ['a="x\ny"', "yes=1", "=5", "$x=1", "a=;", "[sec"])
def test_lines_that_php_stops_at(text: str) -> None:
    """So that the whole file is nothing to Paheko."""
    findings = Findings()
    parse_ini("x.ini", text, findings)
    assert [each.code for each in findings.all] == ["RCY-M036"]


def extension(name: str) -> Package:
    return Package(PackageKind.EXTENSION, name)


def test_a_folder_of_extensions(tmp_path: Path) -> None:
    """Names with a dot do not exist; a broken one troubles those who ask for it."""
    plugin(tmp_path)
    plugin(tmp_path, name="caisse.bak")
    brindille(tmp_path)
    plugin(tmp_path, PLUGIN.replace("0.8.12", "2"), "broken")
    catalog = extension_folder(tmp_path)
    assert catalog.names(PackageKind.EXTENSION) == ("broken", "caisse", "saisie_poids")
    assert [str(each) for each in catalog.versions(extension("caisse"))] == ["0.8.12"]
    with pytest.raises(DiagnosticsError):
        catalog.versions(extension("broken"))


def test_saisie_poids_works_with_caisse(tmp_path: Path) -> None:
    """What no ini says is added from the facts that are shipped."""
    brindille(tmp_path)
    catalog = extension_folder(tmp_path)
    (version,) = catalog.versions(extension("saisie_poids"))
    release = catalog.release(extension("saisie_poids"), version)
    assert [each.package.name for each in release.optional] == ["caisse", "stock_velos"]
    assert release.requires == ()


@pytest.mark.parametrize("source", ["", "src"])
def test_a_paheko_is_known_by_its_command(source: str, tmp_path: Path) -> None:
    """Plugins stand before modules, for a plugin hides a module of its name."""
    root = tmp_path / source
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "paheko").write_text("#!/usr/bin/env php")
    plugin(root / "data" / "plugins", name="both")
    brindille(root / "modules", name="both")
    assert paheko_folders(tmp_path) == [root / "data" / "plugins", root / "modules"]
    catalog = extension_folder(*paheko_folders(tmp_path))
    assert [str(each) for each in catalog.versions(extension("both"))] == ["0.8.12"]


@pytest.mark.parametrize(
    "config",
    [
        "const DATA_ROOT = '{data}';",
        "define('Paheko\\\\DATA_ROOT', \"{data}\");",
        "const DATA_ROOT = '/nowhere';\nconst PLUGINS_ROOT = '{data}/plugins';",
        "const PLUGINS_ROOT = __DIR__ . '/../elsewhere/plugins';",
    ],
)
def test_a_paheko_may_keep_its_plugins_elsewhere(config: str, tmp_path: Path) -> None:
    """Where its configuration says so in so many words."""
    root, data = tmp_path / "paheko", tmp_path / "elsewhere"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "paheko").write_text("#!/usr/bin/env php")
    (root / "config.local.php").write_text(f"<?php\n{config.format(data=data)}\n")
    plugin(data / "plugins")
    catalog = extension_folder(*paheko_folders(root))
    assert catalog.names(PackageKind.EXTENSION) == ("caisse",)
