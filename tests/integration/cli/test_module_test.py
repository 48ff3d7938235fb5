"""``recyclic module test NAME`` on a module of this repository."""

from pathlib import Path

import pytest

from recyclic.cli import main

ROOT = Path(__file__).parents[3]


def test_a_module_is_tested_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its own tests and no others, with what pytest says of them and its verdict."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:cacheprovider")
    assert main.invoke(["module", "test", "kpi_banner", "--", "-v", "-k", "figures"]) == 0
    out = capfd.readouterr().out
    ran = [line for line in out.splitlines() if "PASSED" in line]
    assert ran
    assert all(line.startswith("modules/kpi_banner/tests/") for line in ran)
    assert main.invoke(["module", "test", "kpi_bannner"]) == 64
