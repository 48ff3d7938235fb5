"""A site that is being served is moved over: no request fails, no event is lost, nothing broken
is let in. From the command line, with a server of events that everybody shares."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.fakes.event_servers import VALKEY, running
from tests.fakes.served_till import handled, loaded, until, write_till
from tests.integration.cli.command import Done, recyclic, write_bundle
from tests.integration.served_site import served


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project with a till and a site that keeps its events in a valkey of its own."""
    write_till(tmp_path / "modules", "1.0")
    write_bundle(tmp_path, "shop", '[modules]\ntill = "*"\n')
    (tmp_path / "profiles").mkdir()
    with running(VALKEY, tmp_path / "server") as server:
        (tmp_path / "profiles/shop.toml").write_text(
            f'site = "shop"\nbundle = "shop"\n[events]\nurl = "{server.url}"\n'
        )
        first = apply(tmp_path)
        assert first.status == 0, first.err
        yield tmp_path


def apply(project: Path, *options: str) -> Done:
    return recyclic(project, "apply", "profile", "shop", "--yes", *options)


def version_served(address: str) -> str:
    answer: str = httpx.get(f"{address}/api/till/version").json()
    return answer


def test_a_served_site_is_moved_over_without_losing_a_request_or_an_event(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under load: an update reaches the clients; one that does not start never does, and is not
    tried again unasked; going back reaches them too. All that was sold is handled."""
    site = project / ".recyclic/shop"
    with served(project, "--workers", "2", "--grace", "5") as address:
        with loaded(address) as load:
            write_till(project / "modules", "2.0")
            assert apply(project).status == 0
            until(lambda: load.answers["2.0"] > 20, "answers of the second version")
            write_till(project / "modules", "3.0", more="raise RuntimeError('broken')")
            failed, again = apply(project), apply(project)
            rolled_back = recyclic(project, "rollback", "--to", "1", "--yes")
        until(lambda: load.sold <= handled(site).keys(), "every event to be handled")
        assert version_served(address) == "1.0"
    with capsys.disabled():
        print(f"\nhand-over: {load.requests} requests, {len(load.failures)} failed", end="; ")
        print(f"{len(load.sold)} events, {len(load.sold - handled(site).keys())} lost")
    assert (failed.status, "the new generation is not well: module:till" in failed.err) == (3, True)
    assert (again.status, "RCY-A006" in again.err) == (1, True)
    assert rolled_back.status == 0, rolled_back.err
    assert load.failures == []
    assert set(load.answers) == {"1.0", "2.0"}
    assert len(load.sold) > 100
    assert (site / "current").resolve().name == "000004"
    assert not os.path.lexists(site / "journal/transaction.ndjson")


_WRITES_WHILE_IT_BOOTS = """
import time
from pathlib import Path

for number in range(40):
    folder = Path(__file__).parent / f"notes{number}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "note").write_text("here")
    time.sleep(0.05)
"""


def test_killed_while_the_new_generation_boots_it_is_undone_by_the_next_command(
    project: Path,
) -> None:
    """Its workers boot on and write beside their code: they are ended before that is removed."""
    site = project / ".recyclic/shop"
    with served(project, "--workers", "2", "--grace", "5") as address:
        write_till(project / "modules", "2.0", more=_WRITES_WHILE_IT_BOOTS)
        command = [sys.executable, "-m", "recyclic", "apply", "profile", "shop", "--yes"]
        with subprocess.Popen(command, cwd=project, stderr=subprocess.DEVNULL) as applying:
            until((site / "generations/000002/modules/till/notes3").is_dir, "it to boot")
            applying.send_signal(signal.SIGKILL)
        recovered = recyclic(project, "recover")
        assert (recovered.status, version_served(address)) == (0, "1.0"), recovered.err
        write_till(project / "modules", "2.1")
        assert apply(project).status == 0
        assert version_served(address) == "2.1"
        assert not list(site.glob("generations/*/modules/till/notes*"))
