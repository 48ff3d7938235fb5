"""Deleting what an extension keeps: asked for in the profile, one-way, named, and last of all."""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.fakes.memory_folder import memory_folder
from tests.fakes.paheko_benches import KINDS, Bench, make_bench
from tests.fakes.paheko_extensions import sql, write_module, write_plugin
from tests.integration.cli.command import Done, recyclic

from recyclic.paheko.database import list_tables, read_state

CREATE = sql("CREATE TABLE plugin_till_sale (what TEXT)")
BREAK = "throw new \\RuntimeException('no');"
ASKED = 'site = "lyon"\nbundle = "standard"\n'
DELETED = '[paheko]\ntill = { data = "delete" }\nscales = { data = "delete" }\n'


@dataclass(frozen=True)
class Project:
    """A folder with a bundle, a profile and a Paheko, driven from the command line."""

    folder: Path
    bench: Bench

    def write_profile(self, more: str = "") -> None:
        """The site's profile."""
        host = f'[hosts.paheko]\nroot = "{self.bench.root}"\nphp = "{self.bench.php}"\n'
        catalog = f'[catalog]\nsources = ["{self.bench.sources}"]\n'
        (self.folder / "profiles" / "lyon.toml").write_text(f"{ASKED}{more}{catalog}{host}")

    def write_bundle(self, *extensions: str) -> None:
        """The bundle, with these extensions."""
        wanted = "".join(f'{name} = "*"\n' for name in extensions)
        (self.folder / "bundles" / "standard.toml").write_text(
            f'name = "standard"\nversion = "1.0.0"\n[paheko]\n{wanted}'
        )

    def run(self, verb: str, *more: str) -> Done:
        """One command about the site's profile."""
        return recyclic(self.folder, verb, "profile", "lyon", "--no-python", *more)

    def sell(self, what: str) -> None:
        """What a person does at the till."""
        with contextlib.closing(sqlite3.connect(self.bench.database)) as database, database:
            database.execute("INSERT INTO plugin_till_sale VALUES (?)", (what,))

    def has_data(self) -> bool:
        """True while the plugin's table is there."""
        return "plugin_till_sale" in list_tables(self.bench.database)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one."""
    with memory_folder() as made:
        yield made


@pytest.fixture(params=KINDS)
def asked(request: pytest.FixtureRequest, folder: Path) -> Project:
    """A site that asks for a plugin and a Brindille module, and has neither yet."""
    bench = make_bench(request.param, folder)
    made = Project(folder / "project", bench)
    for name in ("bundles", "profiles", "modules"):
        (made.folder / name).mkdir(parents=True)
    write_plugin(bench.sources, "till", "1.0", install=[CREATE], page="till")
    write_module(bench.sources, "scales")
    made.write_bundle("till", "scales")
    made.write_profile()
    return made


@pytest.fixture
def project(asked: Project) -> Project:
    """The same, with both installed and keeping something."""
    done = asked.run("apply", "--yes")
    assert done.status == 0, done.err
    asked.sell("lamp")
    return asked


def test_removing_keeps_the_data_and_deleting_is_a_wish_of_its_own(project: Project) -> None:
    """Left out of the bundle: disabled, kept. Asked for in the profile: deleted, once; then there
    is nothing more to do."""
    project.write_bundle()
    assert project.run("apply", "--yes").status == 0
    assert project.has_data()
    project.write_profile(DELETED)
    planned = project.run("plan")
    assert "its data is deleted" in planned.out
    assert "one-way: needs --accept paheko:till" in planned.out
    refused = project.run("apply", "--yes")
    assert refused.status == 1
    assert "RCY-P004" in refused.err
    assert "--accept paheko:scales --accept paheko:till" in refused.err
    assert project.has_data()
    accepted = ("--accept", "paheko:till", "--accept", "paheko:scales")
    done = project.run("apply", "--yes", *accepted)
    assert done.status == 0, done.err
    assert not project.has_data()
    state = read_state(project.bench.database)
    assert state.find("till") is None
    assert state.find("scales") is None
    again = project.run("apply", "--yes")
    assert again.status == 0
    assert "Nothing to do" in again.out
    assert project.run("plan", "--exit-code").status == 0


def test_it_goes_from_enabled_to_deleted_in_one_apply_and_comes_back_new(project: Project) -> None:
    """Also while the bundle still asks for it; without the wish it is installed afresh."""
    project.write_profile('[paheko]\ntill = { data = "delete" }\n')
    assert project.run("apply", "--yes", "--accept", "paheko:till").status == 0
    assert not project.has_data()
    project.write_profile()
    done = project.run("apply", "--yes")
    assert done.status == 0, done.err
    assert project.has_data()


def test_an_approval_carries_the_word(project: Project, tmp_path: Path) -> None:
    """A plan approved with ``--accept`` asks nothing more; one without is refused."""
    project.write_profile('[paheko]\ntill = { data = "delete" }\n')
    bare, accepted = str(tmp_path / "bare.json"), str(tmp_path / "accepted.json")
    assert project.run("plan", "-o", bare).status == 0
    assert project.run("plan", "-o", accepted, "--accept", "paheko:till").status == 0
    (change,) = [
        each
        for each in json.loads(Path(bare).read_text())["changes"]
        if each["step"] == "paheko:till"
    ]
    assert (change["reversibility"], change["reason"]) == ("one-way", "data_deleted")
    refused = recyclic(project.folder, "apply", bare)
    assert (refused.status, project.has_data()) == (1, True)
    done = recyclic(project.folder, "apply", accepted)
    assert done.status == 0, done.err
    assert not project.has_data()


def test_a_person_can_still_get_it_back(project: Project) -> None:
    """The copy stays in snapshots/ until it is pruned."""
    project.write_profile('[paheko]\ntill = { data = "delete" }\n')
    assert project.run("apply", "--yes", "--accept", "paheko:till").status == 0
    done = recyclic(
        project.folder, "rollback", "--site", "lyon", "--to", "1", "--data", "restore", "--yes"
    )
    assert done.status == 0, done.err
    with contextlib.closing(sqlite3.connect(project.bench.database)) as database:
        assert database.execute("SELECT what FROM plugin_till_sale").fetchall() == [("lamp",)]


def test_an_uninstall_script_that_fails_deletes_nothing(project: Project) -> None:
    """Everything of the run is undone, exit 3."""
    script = project.bench.plugins / "till" / "uninstall.php"
    drop = sql("DROP TABLE plugin_till_sale")
    script.write_text(f"<?php\nnamespace Paheko;\n{drop}\n{BREAK}\n")
    project.write_profile('[paheko]\ntill = { data = "delete" }\n')
    done = project.run("apply", "--yes", "--accept", "paheko:till")
    assert done.status == 3
    assert project.has_data()
    assert read_state(project.bench.database).plugins["till"].enabled


def test_what_something_kept_needs_is_not_deleted(asked: Project) -> None:
    """A module that requires the extension stands in the way, and is named."""
    module = asked.folder / "modules" / "bridge"
    module.mkdir()
    (module / "module.toml").write_text(
        'name = "Bridge"\nversion = "1.0"\n[dependencies]\npaheko = ["till"]\n'
    )
    (module / "__init__.py").write_text("MODULE_CLASS = None\n")
    asked.write_profile('[modules]\nbridge = "*"\n' + DELETED)
    done = asked.run("plan")
    assert done.status == 1
    assert "bridge" in done.err


def test_a_wish_that_is_misspelt_is_told(asked: Project) -> None:
    """Another word, another key: both with their line."""
    asked.write_profile('[paheko]\ntill = { data = "destroy" }\nscales = { fate = "delete" }\n')
    done = recyclic(asked.folder, "check", "profiles/lyon.toml")
    assert done.status == 1
    assert "lyon.toml:4" in done.out + done.err
    assert "lyon.toml:5" in done.out + done.err


def test_purging_a_site_deletes_what_its_extensions_keep(project: Project) -> None:
    """The site's name is the word; without it, nothing happens."""
    assert recyclic(project.folder, "uninstall", "--data", "purge", "--yes").status == 1
    assert project.has_data()
    done = recyclic(project.folder, "uninstall", "--data", "purge", "--confirm", "lyon", "--yes")
    assert done.status == 0, done.err
    assert "Deleted in Paheko, with all their data: till, scales" in done.out
    assert not project.has_data()
    assert os.path.lexists(project.bench.plugins / "till")
