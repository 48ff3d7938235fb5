"""What Paheko would choke on is refused before Paheko sees it."""

from pathlib import Path

import pytest

from recyclic.model.package import ExtensionKind
from recyclic.paheko.errors import ExtensionCodeError
from recyclic.paheko.extension_code import ExtensionCode, read_code, version_in


def plugin(folder: Path, manifest: str, *files: str) -> Path:
    """A plugin with that plugin.ini and those empty files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.ini").write_text(manifest)
    for file in files:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).touch()
    return folder


@pytest.mark.parametrize(
    ("manifest", "version"),
    [
        ('name="Caisse"\nversion="0.8.12"\n', "0.8.12"),
        ("name=Caisse\nversion=1.0 ; the first\n", "1.0"),
        ("[plugin]\nname = 'Caisse'\nversion = '1.0-rc1'\n", "1.0-rc1"),
        ('name="Caisse"\nversion="1.0"\nmenu=false\nrequires="x"\n', "1.0"),
    ],
)
def test_a_good_plugin_is_read(tmp_path: Path, manifest: str, version: str) -> None:
    """Quotes, comments, a section and unknown keys are all fine with Paheko."""
    code = read_code("caisse", plugin(tmp_path, manifest))
    assert code == ExtensionCode("caisse", ExtensionKind.PLUGIN, version, has_page=False)
    assert version_in(tmp_path) == version


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ('version="1.0"\n', "label"),
        ('name=123\nversion="1.0"\n', "label"),
        ('name="X"\n', "version"),
        ('name="X"\nversion="2"\n', "version"),
        ("name=X\nversion=true\n", "version"),
        ('name="X"\nversion="1.0"\nmenu=true\n', "menu"),
        ('name="X"\nversion="1.0"\nhome_button=1\n', "menu"),
    ],
)
def test_a_bad_plugin_is_refused(tmp_path: Path, manifest: str, problem: str) -> None:
    """Each of these breaks a page or a list of the real one."""
    with pytest.raises(ExtensionCodeError) as refusal:
        read_code("lab_bad", plugin(tmp_path, manifest))
    assert refusal.value.facts["problem"] == problem


def test_a_menu_needs_its_page(tmp_path: Path) -> None:
    """And a button on the home page an icon as well."""
    manifest = 'name="X"\nversion="1.0"\nmenu=true\nhome_button=true\n'
    folder = plugin(tmp_path, manifest, "admin/index.php")
    with pytest.raises(ExtensionCodeError) as refusal:
        read_code("lab", folder)
    assert refusal.value.facts["detail"] == "admin/icon.svg"
    assert read_code("lab", plugin(tmp_path, manifest, "admin/icon.svg")).has_page


@pytest.mark.parametrize("name", ["Lab", "lab-dash", "1lab", "lab__two", "lab_", "", "lab/x"])
def test_a_name_paheko_does_not_know_is_refused(tmp_path: Path, name: str) -> None:
    """Paheko would call it an extension that does not exist."""
    with pytest.raises(ExtensionCodeError) as refusal:
        read_code(name, plugin(tmp_path, 'name="X"\nversion="1.0"\n'))
    assert refusal.value.facts["problem"] == "name"


def test_a_module_may_not_ask_for_a_version_of_paheko(tmp_path: Path) -> None:
    """Such modules are silently never registered."""
    (tmp_path / "module.ini").write_text('name="Poids"\n')
    code = read_code("saisie_poids", tmp_path)
    assert (code.kind, code.version) == (ExtensionKind.BRINDILLE, None)
    assert version_in(tmp_path) is None
    (tmp_path / "module.ini").write_text('name="Poids"\nmin_version="1.3"\n')
    with pytest.raises(ExtensionCodeError):
        read_code("saisie_poids", tmp_path)


def test_a_folder_that_is_no_extension_is_refused(tmp_path: Path) -> None:
    """As is one whose manifest is not text."""
    with pytest.raises(ExtensionCodeError):
        read_code("lab", tmp_path)
    (tmp_path / "plugin.ini").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ExtensionCodeError):
        read_code("lab", tmp_path)
