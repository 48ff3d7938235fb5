"""Drift on the command line: adopted into the profile, undone by a plan, or left be a while."""

import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.integration.cli.command import recyclic, write_bundle, write_module

SETTINGS = """
[settings.properties.depth]
type = "integer"
default = 3
[settings.properties.token]
type = "string"
secret = true
"""
PROFILE = """\
site = "forge"   # ours
bundle = "forge"
extends = ["shared.toml"]

[settings.anvil]
depth = 5        # metres
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A site applied from a profile that extends another one."""
    write_module(tmp_path / "modules", "anvil", extra=SETTINGS)
    write_module(tmp_path / "modules", "bench", extra=SETTINGS)
    write_bundle(tmp_path, "forge", '[modules]\nanvil = "*"\nbench = "*"\n')
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/forge.toml").write_text(PROFILE)
    (tmp_path / "profiles/shared.toml").write_text(
        '[settings.bench]\ndepth = 7\ntoken = { env = "TOKEN" }\n'
    )
    done = recyclic(tmp_path, "apply", "profile", "forge", "--yes")
    assert done.status == 0, done.err
    return tmp_path


def profile(project: Path) -> Path:
    return project / "profiles/forge.toml"


def live(project: Path) -> Path:
    return project / ".recyclic/forge/current/config.toml"


def edit(project: Path, old: str, new: str) -> None:
    text = live(project).read_text()
    assert text.count(old) == 1, text
    live(project).write_text(text.replace(old, new))


def test_what_was_edited_is_adopted_and_then_it_is_no_drift(project: Path) -> None:
    """One line of the profile changes, shown as a diff; the next apply keeps the value."""
    edit(project, "depth = 5", "depth = 9")
    found = recyclic(project, "drift")
    assert (found.status, "--adopt anvil.depth" in found.out) == (2, True)
    adopted = recyclic(project, "drift", "--adopt", "anvil.depth")
    assert adopted.status == 0, adopted.err
    assert profile(project).read_text() == PROFILE.replace("depth = 5 ", "depth = 9 ")
    assert "-depth = 5        # metres\n+depth = 9        # metres\n" in adopted.out
    assert adopted.out.startswith("--- a/forge.toml\n+++ b/forge.toml\n")
    patched = subprocess.run(
        ["git", "apply", "--reverse", "--check", "-p1", "--directory=profiles", "-"],
        cwd=project,
        input=adopted.out,
        text=True,
        capture_output=True,
    )
    assert patched.returncode == 0, patched.stderr
    assert recyclic(project, "apply", "--yes").status == 0
    assert "depth = 9" in live(project).read_text()
    assert recyclic(project, "drift").status == 0
    assert sorted(path.name for path in profile(project).parent.iterdir()) == [
        "forge.toml",
        "shared.toml",
    ]


def test_all_of_it_and_under_the_name_that_drift_shows(project: Path) -> None:
    """``all``, and ``config:settings.anvil.depth``; what nobody set before gets a line."""
    edit(
        project, "[settings.anvil]\ndepth = 5", '[settings.anvil]\ndepth = 6\ntoken = { env = "T" }'
    )
    by_subject = recyclic(project, "drift", "--adopt", "config:settings.anvil.depth", "--json")
    assert by_subject.document["adopted"] == ["anvil.depth"]
    rest = recyclic(project, "drift", "--adopt", "all")
    assert rest.status == 0, rest.err
    assert profile(project).read_text() == PROFILE.replace("depth = 5 ", "depth = 6 ") + (
        'token = { env = "T" }\n'
    )


def refused(project: Path, *keys: str) -> str:
    """What the command says; not a byte of any profile has changed."""
    paths = list(project.glob("profiles/*.toml"))
    before = [path.read_bytes() for path in paths]
    done = recyclic(project, "drift", *(part for key in keys for part in ("--adopt", key)))
    assert done.status == 1, done.out + done.err
    assert [path.read_bytes() for path in paths] == before
    return done.err


def test_a_name_that_was_not_edited_is_told_with_those_that_were(project: Path) -> None:
    """And of several, one that is wrong is enough to write nothing."""
    edit(project, "depth = 5", "depth = 9")
    told = refused(project, "anvil.depth", "anvil.deepness")
    assert "RCY-A021" in told
    assert "anvil.depth" in told


def test_a_setting_that_several_profiles_share_is_left_to_people(project: Path) -> None:
    """Whether it is meant for all of them, nobody can know: the line is named."""
    edit(project, "depth = 7", "depth = 8")
    told = refused(project, "bench.depth")
    assert "shared.toml:2:1" in told
    assert "[settings.bench]\ndepth = 8" in told


def test_a_profile_that_changed_meanwhile_is_not_overwritten(project: Path) -> None:
    """Somebody else set it to something else, and has not applied yet."""
    edit(project, "depth = 5", "depth = 9")
    profile(project).write_text(PROFILE.replace("depth = 5", "depth = 4"))
    assert "it says something else by now" in refused(project, "all")


def test_a_read_only_profile_is_not_written(project: Path) -> None:
    """Not by root either, whom no permission stops."""
    edit(project, "depth = 5", "depth = 9")
    profile(project).chmod(0o444)
    assert "it may not be written" in refused(project, "anvil.depth")


def test_a_value_that_the_module_does_not_take_is_not_adopted(project: Path) -> None:
    """The profile would be refused at the next apply."""
    edit(project, "depth = 5", 'depth = "deep"')
    assert "anvil.depth: integer" in refused(project, "anvil.depth")
    edit(project, 'depth = "deep"', "depth = 5\ndepht = 6")
    assert "the module does not take that value" in refused(project, "anvil.depht")


def test_a_secret_in_plain_sight_is_shown_by_nobody(project: Path) -> None:
    """Neither drift nor its JSON nor a refusal repeats it."""
    edit(project, 'token = { env = "TOKEN" }', 'token = "hunter2"')
    edit(project, "depth = 5", 'depth = 5\ntoken = "hunter2"')
    shown = [recyclic(project, "drift"), recyclic(project, "drift", "--json")]
    assert [each.status for each in shown] == [2, 2]
    said = "".join(each.out + each.err for each in shown) + refused(project, "all")
    assert "hunter2" not in said
    assert "***" in said
    assert "a secret stands in plain sight" in said


def test_a_site_without_a_profile_is_given_the_lines(project: Path) -> None:
    """Applied from a bundle alone: there is nothing to write into."""
    alone = recyclic(project, "apply", "bundle", "forge", "--site", "alone", "--yes")
    assert alone.status == 0, alone.err
    config = project / ".recyclic/alone/current/config.toml"
    config.write_text(config.read_text().replace("depth = 3", "depth = 2", 1))
    told = recyclic(project, "drift", "--site", "alone", "--adopt", "all")
    assert (told.status, "[settings.anvil]\ndepth = 2" in told.err) == (1, True)


def test_a_plan_undoes_it(project: Path) -> None:
    """The same profile, applied again, makes a generation as it was; the plan says why."""
    edit(project, "depth = 5", "depth = 9")
    before = recyclic(project, "plan", "profile", "forge", "--exit-code")
    assert (before.status, "settings.anvil.depth 9 → 5" in before.out) == (2, True)
    assert recyclic(project, "apply", "profile", "forge", "--yes").status == 0
    assert "depth = 5" in live(project).read_text()
    assert recyclic(project, "drift").status == 0


def test_it_is_left_be_until_a_day(project: Path) -> None:
    """With a reason, a day to come, and a name that is there."""
    edit(project, "depth = 5", "depth = 9")
    subject, soon = "config:settings.anvil.depth", str(date.today() + timedelta(days=3))
    ignore = ("drift", "--ignore", subject)
    assert recyclic(project, *ignore, "--until", soon).status == 64
    assert recyclic(project, *ignore, "--reason", "trying", "--until", "soon").status == 64
    past = str(date.today())
    assert recyclic(project, *ignore, "--reason", "trying", "--until", past).status == 64
    wrong = recyclic(project, "drift", "--ignore", "x", "--reason", "trying", "--until", soon)
    assert (wrong.status, subject in wrong.err) == (64, True)
    done = recyclic(project, *ignore, "--reason", "trying", "--until", soon)
    assert done.status == 0, done.err
    quiet = recyclic(project, "drift")
    assert (quiet.status, "trying" in quiet.out, soon in quiet.out) == (0, True, True)
    notes = project / ".recyclic/forge/journal/ignored.json"
    notes.write_text(notes.read_text().replace(soon, past))
    assert recyclic(project, "drift").status == 2
