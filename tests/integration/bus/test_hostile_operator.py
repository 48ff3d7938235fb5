"""An operator in haste, with a server in disorder: told in words what is the matter, and nothing of
it is called a mistake of recyclic's."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.event_servers import EventServer, wait_until

from recyclic.cli import main

Told = tuple[int, str, str]
Command = Callable[..., Told]
VERBS = (
    ("groups",), ("lag",), ("pending",), ("dead",), ("tail",), ("audit",), ("show", "x"),
    ("show", "1-1"), ("requeue", "x"), ("requeue", "1-1"), ("discard", "--all", "--yes"),
    ("forget", "books", "--yes"), ("emit", "sold"),
    ("replay", "--event", "sold", "--module", "books", "--from", "2020-01-01", "--yes"),
)  # fmt: skip


@pytest.fixture
def events(server: EventServer, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a verb; its exit code, and what it printed on either channel."""

    def run(*words: str, url: str = server.url) -> Told:
        code = main.invoke(["events", *words, "--url", url])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(autouse=True)
def _an_event(client: Any) -> None:
    client.xadd("events:sold", {"id": "x", "from": "till", "at": "1", "data": "{}"})
    client.xgroup_create("events:sold", "books", "0")


def test_a_user_without_rights(server: EventServer, client: Any, events: Command) -> None:
    """The server's refusal is told, also where it refuses only what is needed late; and never is
    something said to be not there that may not be looked at."""
    basic = ["+@connection", "+info", "+command", "+time", "+client"]
    client.acl_setuser("eve", enabled=True, passwords=["+pw"], keys=["*"], commands=basic)
    url = server.url.replace("//", "//eve:pw@")
    for verb in VERBS:
        code, out, err = events(*verb, url=url)
        assert (code, out) == (1, ""), verb
        assert ("RCY-B003" if verb[0] == "emit" else "RCY-B014") in err
        assert "NOPERM" in err
        assert "pw" not in err
    client.acl_setuser("eve", enabled=True, commands=["+@all", "-xgroup|destroy"])
    code, out, err = events("forget", "books", "--yes", url=url)
    assert (code, out) == (1, "")
    assert "NOPERM" in err


def test_a_key_that_another_program_uses(client: Any, events: Command) -> None:
    """Which key it is, and no word of scripts."""
    client.set("{events:sold}:dead", "x")
    client.set("events:odd", "x")
    for verb in (("groups",), ("pending",), ("dead",), ("show", "1-1"), ("discard", "--all")):
        code, _out, err = events(*verb)
        assert (code, "because  WRONGTYPE {events:sold}:dead is no stream\n" in err) == (1, True)
        assert "script" not in err
    assert "WRONGTYPE events:odd is no stream" in events("tail", "--event", "odd")[2]
    assert events("tail")[0] == 0


def test_garbage_in_a_stream(client: Any, events: Command) -> None:
    """Bytes that are no text, and what drives a terminal, show as something harmless."""
    client.execute_command("XADD", b"events:b\xff", "1-1", b"\xfe", b"\x1b[31m")
    client.execute_command("XADD", "events:sold", "*", "id", b"\xff", "data", b"\x00\x1b]0;x\x07")
    client.execute_command("XADD", "{events:sold}:dead", "1-1", "attempts", b"\xff", "reason", "\r")
    for verb in VERBS[:7]:
        code, out, err = events(*verb)
        assert (code, err) == (0, "") or err in (
            "Nothing is pending.\n",
            "Nobody changed anything.\n",
        )
        assert "\x1b" not in out
        assert "\r" not in out


LAST = "18446744073709551615-18446744073709551615"


def test_an_entry_beyond_all_dates(client: Any, events: Command) -> None:
    """Its id is one, though there is no time of it and nothing can follow."""
    client.xadd("events:far", {"id": "f", "from": "till", "at": "1", "data": "{}"}, id=LAST)
    client.xadd("{events:far}:dead", {"id": "f", "module": "books", "data": "{}"}, id=LAST)
    for words in (("tail", "--event", "far"), ("dead",), ("show", "f"), ("show", LAST)):
        code, out, err = events(*words)
        assert (code, err) == (0, "")
        assert "18446744073709551615 ms after 1970" in out
    for nobodys in ("18446744073709551616-0", "0-18446744073709551616", "\u0661-\u0661"):
        code, _out, err = events("show", nobodys)
        assert (code, "RCY-B010" in err) == (1, True)


@pytest.mark.parametrize("state", ["x", "[]", "{}", '{"handlers":[1]}', '{"handlers":{"a":"b"}}'])
def test_what_a_stranger_left_in_our_books(client: Any, events: Command, state: str) -> None:
    """What is known of handlers is left out where it is none of it; the rest is told."""
    [(entry, _)] = client.xreadgroup("books", "waiting", {"events:sold": ">"})[0][1]
    client.hset("{events:sold}:state:books", entry, state)
    client.hset("{events:sold}:modules", "books", state.replace("a", "sold"))
    for words in (
        ("pending",), ("groups",), ("lag",), ("show", "x"), ("forget", "nobody", "--yes"),
        ("replay", "--event", "sold", "--module", "books", "--from", "1970-01-02", "--dry-run"),
    ):  # fmt: skip
        code, out, err = events(*words)
        assert (code, err, bool(out)) == (0, "", True)


def test_counts_beyond_all_numbers(events: Command) -> None:
    """As many as there are."""
    code, out, _err = events("tail", "-n", "1" + "0" * 30)
    assert (code, len(out.splitlines())) == (0, 1)


def test_no_cluster_there(server: EventServer, events: Command) -> None:
    """The address is named, though none of its nodes is known."""
    _code, _out, err = events("lag", url=server.url.replace("redis:", "redis+cluster:"))
    assert f"at redis+cluster://127.0.0.1:{server.port}/0 cannot be reached" in err


def test_somebody_was_faster(client: Any, events: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all dead letters, one that is gone meanwhile is passed over; a named one is missed."""
    for number in (1, 2):
        letter = {"id": "x", "module": "books", "handler": "*", "data": "{}"}
        client.xadd("{events:sold}:dead", letter, id=f"{number}-1")

    def consent(*_question: str, **_how: object) -> bool:
        client.xdel("{events:sold}:dead", "1-1")
        return True

    monkeypatch.setattr("recyclic.cli.events_repair.consent", consent)
    code, out, _err = events("discard", "--all", "--json")
    assert code == 0
    assert [one["id"] for one in json.loads(out)["discarded"]] == ["2-1"]
    assert events("discard", "1-1")[0] == 1


def test_in_french(client: Any, events: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands where, what became of it and why: in words, which JSON keeps."""
    letter = {"id": "z", "module": "books", "reason": "rejected", "detail": "non", "data": "{}"}
    client.xadd("{events:sold}:dead", letter)
    [(entry, _)] = client.xreadgroup("books", "waiting", {"events:sold": ">"})[0][1]
    kept = json.dumps({"handlers": {"book": ["retry", 2]}, "replay": 0})
    client.hset("{events:sold}:state:books", entry, kept)
    assert json.loads(events("show", "x", "--json")[1])["modules"] == {"books": "waiting"}
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    for verb, told in (
        (("show", "x"), "émis par\u00a0: till\n"),
        (("show", "x"), '"books": "attend un nouvel essai"'),
        (("show", "z"), "raison\u00a0: refusé\n"),
        (("dead",), "refusé: non\n"),
        (("pending",), "personne en ce moment"),
        (("pending",), "book: nouvel essai (2)\n"),
    ):
        code, out, _err = events(*verb)
        assert (code, told in out) == (0, True), out


def unread(port: int) -> int:
    """The bytes that wait at that port for whoever listens there to read them."""
    lines = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    table = [line.split() for line in lines]
    mine = [row for row in table if int(row[1].rpartition(":")[2], 16) == port]
    return sum(int(row[4].rpartition(":")[2], 16) for row in mine)


def test_following_goes_on_after_a_restart(server: EventServer, client: Any) -> None:
    """A server that is away is waited for; Ctrl-C ends it, as 130, without a trace."""
    command = [sys.executable, "-m", "recyclic", "events", "tail", "-f", "--json"]
    with subprocess.Popen(
        [*command, "--url", server.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as following:
        assert following.stdout is not None
        assert json.loads(following.stdout.readline())["id"] == "x"
        for number in range(2):
            client.xadd("events:sold", {"id": f"y{number}", "data": "{}"})
            assert json.loads(following.stdout.readline())["id"] == f"y{number}"
            server.pause()
            # What was asked meanwhile is lost with the server.
            wait_until(lambda: unread(server.port) > 0)
            server.kill()
            server.start()
        client.xadd("events:new", {"id": "z", "data": "{}"})
        assert json.loads(following.stdout.readline())["id"] == "z"
        following.send_signal(signal.SIGINT)
        _out, err = following.communicate(timeout=20)
    assert following.returncode == 130
    assert "Traceback" not in err
