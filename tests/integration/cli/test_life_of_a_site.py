"""A small site from the command line: plan, apply, approve, go back, copy."""

import fcntl
import json
import shutil
from pathlib import Path

import pytest
from tests.integration.cli.command import recyclic, start_recyclic, write_bundle, write_module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two modules, one needing the other, and a bundle that asks for it."""
    write_module(tmp_path / "modules", "bench")
    write_module(tmp_path / "modules", "anvil", extra='[dependencies]\nmodules = ["bench>=1"]\n')
    write_bundle(tmp_path, "forge", '[modules]\nanvil = "*"\n')
    return tmp_path


def test_plan_writes_nothing_and_apply_does_it_once(project: Path) -> None:
    """plan is read-only; --exit-code tells; the second apply writes nothing."""
    plan = recyclic(project, "plan", "bundle", "forge", "--exit-code")
    assert plan.status == 2
    assert not (project / ".recyclic").exists()
    first = recyclic(project, "apply", "bundle", "forge", "--yes")
    assert first.status == 0, first.err
    site = project / ".recyclic" / "forge"
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    second = recyclic(project, "apply", "bundle", "forge", "--yes")
    assert (second.status, "Nothing to do" in second.out) == (0, True)
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*")} == before
    assert recyclic(project, "plan", "bundle", "forge", "--exit-code").status == 0


def test_the_order_in_config_toml_is_the_boot_order(project: Path) -> None:
    """What a module needs stands before it."""
    recyclic(project, "apply", "bundle", "forge", "--yes")
    text = (project / ".recyclic/forge/current/config.toml").read_text()
    assert text.index('"bench"') < text.index('"anvil"')
    resolved = recyclic(project, "resolve", "bundle", "forge")
    assert resolved.out == text


def test_an_approval_is_applied_unasked_and_refused_when_stale(project: Path) -> None:
    """apply FILE needs no --yes; once a hash moved it exits 6 and names what moved."""
    approval = project / "plan.json"
    recyclic(project, "plan", "bundle", "forge", "-o", str(approval))
    assert recyclic(project, "apply", str(approval)).status == 0
    write_module(project / "modules", "bench", "1.0.1")
    recyclic(project, "plan", "bundle", "forge", "-o", str(approval))
    write_module(project / "modules", "bench", "1.0.2")
    stale = recyclic(project, "apply", str(approval))
    assert stale.status == 6
    assert "module:bench" in stale.err
    assert "1.0.1" not in (project / ".recyclic/forge/current/config.toml").read_text()


def test_a_config_installs_exactly_that(project: Path) -> None:
    """config FILE resolves nothing; other code under the same version is refused."""
    recyclic(project, "apply", "bundle", "forge", "--yes")
    copy = project / "lyon.config.toml"
    copy.write_bytes((project / ".recyclic/forge/current/config.toml").read_bytes())
    done = recyclic(project, "apply", "config", str(copy), "--site", "twin", "--yes")
    assert done.status == 0, done.err
    twin = (project / ".recyclic/twin/current/config.toml").read_text()
    assert twin == copy.read_text().replace('site = "forge"', 'site = "twin"')
    (project / "modules/bench/__init__.py").write_text("MODULE_CLASS = None\n")
    refused = recyclic(project, "apply", "config", str(copy), "--site", "third", "--yes")
    assert (refused.status, "RCY-A016" in refused.err) == (1, True)


def test_rollback_makes_a_new_generation_equal_to_the_old(project: Path) -> None:
    """Numbers only grow; the files of the code are the old ones again."""
    recyclic(project, "apply", "bundle", "forge", "--yes")
    old = (project / ".recyclic/forge/current/config.toml").read_bytes()
    write_module(project / "modules", "bench", "1.1.0")
    recyclic(project, "apply", "bundle", "forge", "--yes")
    done = recyclic(project, "rollback", "--yes")
    assert done.status == 0, done.err
    assert (project / ".recyclic/forge/current").resolve().name == "000003"
    assert (project / ".recyclic/forge/current/config.toml").read_bytes() == old
    history = recyclic(project, "history", "--json").document["history"]
    assert [entry["generation"] for entry in history] == [1, 2, 3]


def test_ndjson_progress(project: Path) -> None:
    """Every line of apply --json is JSON with its format first; the last one is the result."""
    done = recyclic(project, "apply", "bundle", "forge", "--yes", "--json")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert all(next(iter(line)) == "format" for line in lines)
    assert lines[-1]["result"] == "applied"
    assert {"began", "reached", "step_done"} <= {line["event"] for line in lines}


def test_status_and_explain(project: Path) -> None:
    """status knows the generation; explain knows which line set a value."""
    settings = '[settings.properties.depth]\ntype = "integer"\ndefault = 3\n'
    write_module(project / "modules", "bench", extra=settings)
    write_bundle(project, "forge", '[modules]\nanvil = "*"\n[settings.bench]\ndepth = 5\n')
    recyclic(project, "apply", "bundle", "forge", "--yes")
    status = recyclic(project, "status", "--json").document
    assert (status["generation"], status["modules"]["anvil"]) == (1, "1.0.0")
    assert status["serving"] is None
    explained = recyclic(project, "explain", "bench.depth", "--json").document
    assert (explained["value"], explained["lost"][0]["value"]) == (5, 3)
    assert explained["line"] == 6


def test_a_fleet_is_planned_together_and_one_bad_site_stops_nobody(project: Path) -> None:
    """Sites with the same plan are one group; the blocked one is told and the rest applied."""
    profiles = project / "profiles"
    profiles.mkdir()
    for name in ("metz", "nancy"):
        (profiles / f"{name}.toml").write_text(f'site = "{name}"\nbundle = "forge"\n')
    (profiles / "paris.toml").write_text(
        'site = "paris"\nbundle = "forge"\n[modules]\nnope = "*"\n'
    )
    plan = recyclic(project, "fleet", "plan", "--json")
    assert plan.status == 1
    assert [group["sites"] for group in plan.document["groups"]] == [["metz", "nancy"]]
    assert [each["site"] for each in plan.document["blocked"]] == ["paris"]
    assert recyclic(project, "fleet", "apply", "--yes").status == 1
    for name in ("metz", "nancy"):
        assert (project / ".recyclic" / name / "current").is_symlink()
    assert not (project / ".recyclic" / "paris").exists()


def test_two_applies_at_once(project: Path) -> None:
    """The one that waits plans again on what the other did; the one that does not exits 5."""
    site = project / ".recyclic/forge"
    recyclic(project, "apply", "bundle", "forge", "--yes")
    with (site / "journal/lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        write_module(project / "modules", "bench", "1.2.0")
        assert recyclic(project, "apply", "bundle", "forge", "--yes").status == 5
        waiting = start_recyclic(
            project, "apply", "bundle", "forge", "--yes", "--lock-timeout", "60"
        )
        assert waiting.stderr is not None
        assert "waits for" in next(line for line in waiting.stderr if "waits" in line)
        # What the other run does while this one waits: one more generation.
        shutil.copytree(site / "generations/000001", site / "generations/000002", symlinks=True)
        (site / "current").unlink()
        (site / "current").symlink_to("generations/000002")
    out, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, out
    assert (site / "current").resolve().name == "000003"
    assert "1.2.0" in (site / "current/config.toml").read_text()


def test_a_file_names_the_site_that_is_made_from_it(tmp_path: Path) -> None:
    """With two sites, ``bundle FILE`` says which one a verb is about, as ``--site`` does."""
    write_module(tmp_path / "modules", "bench")
    for name in ("one", "two"):
        write_bundle(tmp_path, name, '[modules]\nbench = "*"\n')
        assert recyclic(tmp_path, "apply", "bundle", name, "--yes", "--no-python").status == 0
    assert recyclic(tmp_path, "status").status == 64
    for verb in ("status", "drift", "history", "recover", "prune"):
        by_file = recyclic(tmp_path, verb, "bundle", "two")
        assert (by_file.status, by_file) == (0, recyclic(tmp_path, verb, "--site", "two")), verb
    assert recyclic(tmp_path, "uninstall", "bundle", "two", "--yes").status == 0
    assert "one" in recyclic(tmp_path, "status").out


def test_the_first_generation_has_none_before_it(project: Path) -> None:
    """rollback says so, and names what can be done instead."""
    assert recyclic(project, "apply", "bundle", "forge", "--yes", "--no-python").status == 0
    done = recyclic(project, "rollback", "--yes")
    assert (done.status, "RCY-A040" in done.err, "uninstall" in done.err) == (1, True, True)


def test_packing_and_taking_away_as_json(project: Path) -> None:
    """One value each whose first key is the format; for a stream, the last line is the result."""
    packed = recyclic(project, "pack", "bundle", "forge", "-o", "forge.rcy", "--json").document
    assert next(iter(packed)) == "format"
    assert packed["size_bytes"] == (project / "forge.rcy").stat().st_size
    assert recyclic(project, "apply", "bundle", "forge", "--yes", "--no-python").status == 0
    done = recyclic(project, "uninstall", "--yes", "--json")
    last = json.loads(done.out.splitlines()[-1])
    assert (done.status, last["format"], last["result"]) == (0, 1, "uninstalled")
