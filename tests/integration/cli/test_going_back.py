"""An addition that moved what was there, taken back: the same config.toml, to the byte."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from tests.integration.cli.command import MODULE, recyclic, write_bundle

BUNDLE = '[modules]\ntill = "*"\nscale = "*"\n'


def packed(folder: Path, name: str, version: str, **needs: list[str]) -> dict[str, Any]:
    """One release as an archive in ``folder``, and its entry in the index."""
    manifest = f'name = "{name}"\nversion = "{version}"\ndescription = ""\n[dependencies]\n'
    manifest += "".join(f"{key} = {json.dumps(many)}\n" for key, many in needs.items())
    path = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file, text in (("module.toml", manifest), ("__init__.py", MODULE.format(name=name))):
            member = tarfile.TarInfo(file)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    artifact = {"path": path.name, "sha256": digest}
    return {"name": name, "version": version, "dependencies": needs, "artifact": artifact}


def world(folder: Path) -> None:
    """A till that needs a scale's helper, and a label printer that wants them older."""
    releases = [
        packed(folder, "till", "1.0"),
        packed(folder, "till", "2.0", modules=["receipts"]),
        packed(folder, "receipts", "1.0"),
        packed(folder, "scale", "1.0", provides=["weight"]),
        packed(folder, "labels", "1.0", modules=["till<2"]),
        packed(folder, "sorter", "1.0", modules=["scale", "weight", "bench"]),
        packed(folder, "bench", "1.0", provides=["weight"]),
    ]
    modules: dict[str, Any] = {}
    for release in releases:
        modules.setdefault(release["name"], {})[release["version"]] = release
    (folder / "index.json").write_text(json.dumps({"format": 1, "modules": modules}))
    write_bundle(folder, "shop", BUNDLE)
    profile(folder)


def profile(folder: Path, *added: str) -> None:
    lines = "".join(f'{name} = "*"\n' for name in added)
    (folder / "profiles").mkdir(exist_ok=True)
    sources = '[catalog]\nsources = ["../index.json"]\n'
    text = f'site = "lyon"\nbundle = "shop"\n[modules]\n{lines}{sources}'
    (folder / "profiles" / "lyon.toml").write_text(text)


def applied(folder: Path) -> str:
    done = recyclic(folder, "apply", "profile", "lyon", "--yes")
    assert done.status == 0, done.err
    return (folder / ".recyclic" / "lyon" / "current" / "config.toml").read_text()


def test_the_first_config_comes_back(tmp_path: Path) -> None:
    """A module that forces a downgrade, pushes another out, and brings a second provider."""
    world(tmp_path)
    first = applied(tmp_path)
    assert 'till = "2.0"' in first
    assert "displaced" not in first
    profile(tmp_path, "labels", "sorter")
    second = applied(tmp_path)
    assert 'till = "1.0"' in second
    assert '[displaced]\n"module:receipts" = "1.0"\n"module:till" = "2.0"\n' in second
    assert applied(tmp_path) == second
    profile(tmp_path, "sorter")
    assert 'till = "2.0"' in applied(tmp_path)
    profile(tmp_path)
    assert applied(tmp_path) == first


def test_a_config_that_would_go_back_itself_comes_back(tmp_path: Path) -> None:
    """From the site, and from the file alone; what needs the newer till is in its way."""
    world(tmp_path)
    first = applied(tmp_path)
    profile(tmp_path, "labels")
    second = applied(tmp_path)
    assert '[before]\nsteps = [\n    { versions = { "module:labels" = false, ' in second
    profile(tmp_path, "labels", "sorter")
    third = applied(tmp_path)
    (tmp_path / "kept.toml").write_text(third)
    profile(tmp_path, "labels")
    assert applied(tmp_path) == second
    profile(tmp_path, "sorter")
    applied(tmp_path)
    done = recyclic(tmp_path, "apply", "config", "kept.toml", "--yes", "--catalog", "index.json")
    assert done.status == 0, done.err
    profile(tmp_path, "labels")
    assert applied(tmp_path) == second
    profile(tmp_path)
    assert applied(tmp_path) == first


def test_what_was_displaced_travels_with_the_config(tmp_path: Path) -> None:
    """Installed elsewhere from the file alone, the site goes back all the same."""
    world(tmp_path)
    first = applied(tmp_path)
    profile(tmp_path, "labels")
    (tmp_path / "kept.toml").write_text(applied(tmp_path))
    profile(tmp_path)
    applied(tmp_path)
    done = recyclic(tmp_path, "apply", "config", "kept.toml", "--yes", "--catalog", "index.json")
    assert done.status == 0, done.err
    assert applied(tmp_path) == first


def test_an_override_of_a_module_travels_too(tmp_path: Path) -> None:
    """What apply wrote can be applied."""
    world(tmp_path)
    profile(tmp_path)
    with (tmp_path / "profiles" / "lyon.toml").open("a") as file:
        file.write('[override]\ntill = "1.0"\n')
    (tmp_path / "kept.toml").write_text(applied(tmp_path))
    done = recyclic(tmp_path, "plan", "config", "kept.toml", "--catalog", "index.json")
    assert done.status == 0, done.err
    assert "Nothing to do" in done.out


def test_an_upgrade_forgets(tmp_path: Path) -> None:
    """What is let go of is not gone back to."""
    world(tmp_path)
    applied(tmp_path)
    profile(tmp_path, "labels")
    applied(tmp_path)
    done = recyclic(tmp_path, "resolve", "profile", "lyon", "--upgrade", "*")
    assert done.status == 0, done.err
    assert "displaced" not in done.out


def test_a_displaced_version_that_is_none_is_told(tmp_path: Path) -> None:
    """A hand-written table is checked like every other."""
    world(tmp_path)
    text = applied(tmp_path) + '\n[displaced]\n"module:till" = "not a version"\n'
    (tmp_path / "bad.toml").write_text(text)
    done = recyclic(tmp_path, "check", "bad.toml")
    other = recyclic(tmp_path, "resolve", "config", "bad.toml", "--catalog", "index.json")
    assert done.status == 1 or other.status == 1
    assert "RCY-M" in other.err
