"""``events catalog``: a table, a drawing, and who does not understand whom in both."""

import json
from pathlib import Path

import pytest

from recyclic.cli import main

BARE = 'name = "sold"'
TAKEN = 'name = "sold"\nschema = { type = "object", required = ["id"] }'
MORE = 'name = "sold"\nversion = 2\nschema = { type = "object", required = ["id", "total"] }'


def modules(folder: Path, consumes: str) -> Path:
    """A till that emits, a board and a ledger that consume; the board as ``consumes`` says."""
    tables = {
        "till": f"[[events.emits]]\n{TAKEN}\n",
        "board": f"[[events.consumes]]\n{consumes}\n",
        "ledger": f"[[events.consumes]]\n{BARE}\n",
    }
    for name, table in tables.items():
        (folder / name).mkdir()
        (folder / name / "module.toml").write_text(f'name = "{name}"\nversion = "1.0"\n{table}')
    return folder


def shown(capsys: pytest.CaptureFixture[str], folder: Path, form: str) -> str:
    assert main.invoke(["events", "catalog", "--modules", str(folder), "--format", form]) == 0
    return capsys.readouterr().out


def test_who_emits_and_who_consumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a table, as a drawing, as JSON."""
    folder = modules(tmp_path, TAKEN)
    assert shown(capsys, folder, "table").splitlines()[1].split() == [
        "sold", "till", "board,", "ledger"
    ]  # fmt: skip
    assert shown(capsys, folder, "mermaid").splitlines() == [
        "flowchart LR",
        '    event_sold(["sold"])',
        "    till[till] --> event_sold",
        "    event_sold --> board[board]",
        "    event_sold --> ledger[ledger]",
    ]
    [sold] = json.loads(shown(capsys, folder, "json"))["events"]
    assert [one["module"] for one in sold["consumers"]] == ["board", "ledger"]
    assert sold["misfits"] == []


def test_who_does_not_understand_whom(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one whose schema asks for more than is emitted, and nobody else."""
    folder = modules(tmp_path, MORE)
    row = shown(capsys, folder, "table").splitlines()[1]
    assert "board (v2), ledger" in row
    assert row.endswith("board does not understand till")
    drawn = shown(capsys, folder, "mermaid").splitlines()
    assert "    event_sold -.-x board[board]" in drawn
    assert "    event_sold --> ledger[ledger]" in drawn
    [sold] = json.loads(shown(capsys, folder, "json"))["events"]
    assert [(one["emitter"], one["consumer"]) for one in sold["misfits"]] == [("till", "board")]


def test_a_folder_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong usage, not a site without events."""
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    (tmp_path / "file").touch()
    for name, told in (("nothing", "n'existe pas"), ("file", "est un fichier, pas un dossier")):
        assert main.invoke(["events", "catalog", "--modules", str(tmp_path / name)]) == 64
        assert f"'{tmp_path / name}' {told}" in capsys.readouterr().err
