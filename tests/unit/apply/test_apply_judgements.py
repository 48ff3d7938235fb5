"""Small decisions of an apply, each on its own."""

from pathlib import Path

import pytest

from recyclic.apply.errors import (
    EnvironmentFailedError,
    HashMismatchError,
    HealthFailedError,
)
from recyclic.apply.materials import Materials, check_exact
from recyclic.apply.serving import checks_of, refuse_failed
from recyclic.apply.transaction import is_lasting
from recyclic.model.site_config import SiteConfig
from recyclic.plan.artifacts import Artifacts
from recyclic.site.errors import NotASiteError
from recyclic.site.layout import Site


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "lasting"),
    [
        (HealthFailedError(check="x"), True),
        (OSError(28, "full"), False),
        (EnvironmentFailedError(detail="no network"), False),
        (caused(HealthFailedError(check="x"), OSError(28, "full")), False),
    ],
)
def test_only_what_would_fail_again_is_set_aside(error: Exception, lasting: bool) -> None:
    """A full disk or an absent index passes by itself; a broken module does not."""
    assert is_lasting(error) is lasting


def report(**states: str) -> dict[str, object]:
    modules = {name: {"state": state, "reason": state} for name, state in states.items()}
    return {"ready": True, "status": "ok", "bus": {"connected": True}, "modules": modules}


def test_a_module_that_was_broken_before_does_not_stop_an_apply() -> None:
    """It is wanted, not required: the apply did not break it."""
    before = report(old="failed", good="started")
    results = checks_of(report(old="failed", good="started"), {"ok": True}, before, frozenset())
    assert {result.name: result.required for result in results} == {
        "process": True,
        "events": True,
        "module:old": False,
        "module:good": True,
    }
    refuse_failed(results, 0.0)


def test_a_module_that_the_plan_changes_has_to_start() -> None:
    """Whether or not it did before."""
    results = checks_of(
        report(new="failed"), {"ok": True}, report(new="failed"), frozenset({"new"})
    )
    with pytest.raises(HealthFailedError) as caught:
        refuse_failed(results, 1.0)
    assert caught.value.facts["check"] == "module:new"


def test_a_bus_that_only_looks_connected_is_not_enough() -> None:
    """The connection stands; the event did not come back: that is said, not "not ready"."""
    trip = {"ok": False, "reason": "OOM command not allowed"}
    results = checks_of({**report(), "ready": False}, trip, {}, frozenset())
    with pytest.raises(HealthFailedError) as caught:
        refuse_failed(results, 1.0)
    assert (caught.value.facts["check"], caught.value.facts["detail"]) == (
        "events",
        "OOM command not allowed",
    )


def test_a_config_is_installed_exactly_or_not_at_all() -> None:
    """Other code under the same version is not what was asked for."""
    config = SiteConfig("lyon", "b", "1", module_hashes={"a": "sha256:1"})
    check_exact(config, Materials(Artifacts({"a": "sha256:1"})))
    for artifacts in (Artifacts({"a": "sha256:2"}), Artifacts()):
        with pytest.raises(HashMismatchError):
            check_exact(config, Materials(artifacts))


def test_a_folder_of_something_else_is_not_made_a_site(tmp_path: Path) -> None:
    """A mistyped --instance must not scatter folders in somebody's home."""
    (tmp_path / "thesis.odt").write_text("")
    with pytest.raises(NotASiteError) as caught:
        Site(tmp_path).prepare()
    assert caught.value.facts["found"] == ["thesis.odt"]
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]
