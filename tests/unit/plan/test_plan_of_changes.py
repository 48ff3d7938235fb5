"""From what is installed and what was resolved to changes with reasons."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from tests.fakes.apply_world import BUNDLE, LINE, Wish, World

from recyclic.model.diagnostic import Place
from recyclic.model.installed import Installed
from recyclic.model.observed import Drift, DriftKind, Observed, ObservedExtension, ObservedPaheko
from recyclic.model.package import ExtensionKind, Package, PackageKind, Requirement
from recyclic.model.profile import Omission, PahekoHost, Request
from recyclic.model.resolution import RequiredBy
from recyclic.plan.artifacts import Artifacts
from recyclic.plan.change import Action, Reason, Reversibility
from recyclic.plan.errors import (
    ApprovalTooNewError,
    ApprovalUnreadableError,
    ExtensionCodeMissingError,
    StalePlanError,
)
from recyclic.plan.plan import Plan, make_plan
from recyclic.plan.plan_json import check_approval, parse_approval, plan_json

PROFILE = Place("profiles/lyon.toml", 7, 1)
ANY = SpecifierSet()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Only its resolutions are used: nothing is applied."""
    return World(tmp_path)


def module(name: str) -> Package:
    return Package(PackageKind.MODULE, name)


def plan_of(
    world: World,
    wish: Wish,
    *,
    before: Plan | None = None,
    observed: Observed | None = None,
    request: Request | None = None,
    artifacts: Artifacts | None = None,
) -> Plan:
    installed = Installed(1, before.config) if before else Installed()
    return make_plan(
        installed,
        world.resolution(wish),
        request or world.request,
        observed or Observed(),
        artifacts or Artifacts(),
    )


def reasons(plan: Plan) -> dict[str, tuple[Action, Reason]]:
    return {str(change.package): (change.action, change.reason) for change in plan.changes}


def test_a_first_install_adds_everything(world: World) -> None:
    """With nothing installed all is added, for that reason."""
    plan = plan_of(world, Wish({"a": "1", "b": "2"}))
    assert set(reasons(plan).values()) == {(Action.ADD, Reason.FIRST_INSTALL)}
    assert plan.summary()["add"] == 3


def test_from_a_state_to_itself_there_is_no_change(world: World) -> None:
    """The law of planning: what is there already needs nothing."""
    first = plan_of(world, Wish({"a": "1"}, settings={"a": {"x": [1, {"y": 2}]}}))
    second = plan_of(world, Wish({"a": "1"}, settings={"a": {"x": [1, {"y": 2}]}}), before=first)
    assert not second.has_changes
    assert {change.action for change in second.changes} == {Action.KEEP}


def test_each_change_has_its_reason(world: World) -> None:
    """Who wants it: the bundle, another module, the profile, or nobody any more."""
    first = plan_of(world, Wish({"a": "1", "b": "1", "gone": "1", "left_out": "1"}))
    resolution = world.resolution(Wish({"a": "2", "b": "1", "new": "1", "mine": "1"}))
    needed = RequiredBy(module("a"), Requirement(module("new"), ANY, LINE))
    resolution = replace(
        resolution, required_by={**resolution.required_by, module("new"): (needed,)}
    )
    request = Request(
        "lyon",
        Requirement(BUNDLE, ANY, LINE),
        requirements=(Requirement(module("mine"), ANY, PROFILE),),
        omissions=(Omission(module("left_out"), PROFILE),),
    )
    plan = make_plan(Installed(1, first.config), resolution, request, Observed(), Artifacts())
    assert reasons(plan) == {
        "module:gone": (Action.REMOVE, Reason.REMOVED_FROM_BUNDLE),
        "module:left_out": (Action.REMOVE, Reason.LEFT_OUT_BY_PROFILE),
        "module:a": (Action.UPDATE, Reason.BUNDLE_CHANGED),
        "module:b": (Action.KEEP, Reason.UNCHANGED),
        "module:new": (Action.ADD, Reason.NEEDED_BY),
        "module:mine": (Action.ADD, Reason.ADDED_BY_PROFILE),
        "bundle:standard": (Action.KEEP, Reason.UNCHANGED),
    }
    by_name = {str(change.package): change for change in plan.changes}
    assert by_name["module:new"].by == ("module:a",)
    assert by_name["module:mine"].place == PROFILE
    assert [c.action for c in plan.changes].index(Action.UPDATE) > 1, "removals come first"


def test_code_that_changes_under_the_same_version_is_an_update(world: World) -> None:
    """A hash tells what a version does not."""
    wish = Wish({"a": "1"})
    first = plan_of(world, wish, artifacts=Artifacts({"a": "sha256:" + "0" * 64}))
    second = plan_of(world, wish, before=first, artifacts=Artifacts({"a": "sha256:" + "1" * 64}))
    assert reasons(second)["module:a"] == (Action.UPDATE, Reason.CODE_CHANGED)


def test_drift_is_a_reason_of_its_own(world: World) -> None:
    """What was changed behind our back is put right, though nothing else changed."""
    first = plan_of(world, Wish({"a": "1"}))
    drift = Drift("module:a", DriftKind.MODIFIED, "x", "y")
    second = plan_of(world, Wish({"a": "1"}), before=first, observed=Observed(drift=(drift,)))
    assert second.has_changes
    assert reasons(second)["module:a"] == (Action.UPDATE, Reason.DRIFT)


def test_a_module_with_data_is_restorable_and_says_the_size(world: World) -> None:
    """How far a change can be undone depends on the data it may touch."""
    first = plan_of(world, Wish({"a": "1", "b": "1"}))
    observed = Observed(data_bytes={"a": 4096, "b": 0})
    plan = plan_of(world, Wish({"a": "2", "b": "2"}), before=first, observed=observed)
    found = {change.package.name: change for change in plan.changes}
    assert found["a"].reversibility is Reversibility.RESTORABLE
    assert found["a"].snapshot_bytes == 4096
    assert found["b"].reversibility is Reversibility.REVERSIBLE


def test_without_a_paheko_extensions_are_deferred(world: World) -> None:
    """They are in the config, and every output can say that nothing was done for them."""
    plan = plan_of(world, Wish({}, {"till": "1.0"}))
    assert plan.deferred == ("till",)
    assert not plan.changes_host
    assert plan_json(plan)["deferred"] == ["till"]


def paheko(**extensions: ObservedExtension) -> Observed:
    return Observed(paheko=ObservedPaheko("1.3.22", extensions, 1000))


HOST_REQUEST = Request("lyon", Requirement(BUNDLE, ANY, LINE), paheko=PahekoHost("/p", LINE))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, "places enables"),
        (ObservedExtension("1.0", enabled=True, code_hash="sha256:new"), ""),
        (ObservedExtension("1.0", enabled=False, code_hash="sha256:new"), "enables"),
        (ObservedExtension("0.9", enabled=True, code_hash="sha256:old"), "places upgrades"),
        (ObservedExtension("1.0", enabled=True, code_hash="sha256:old"), "places"),
    ],
)
def test_what_is_done_inside_paheko_follows_from_what_is_seen_there(
    world: World, found: ObservedExtension | None, expected: str
) -> None:
    """Only what differs is done, whoever made it differ."""
    observed = paheko(**({"till": found} if found else {}))
    resolution = world.resolution(Wish({}, {"till": "1.0"}))
    till = resolution.releases[Package(PackageKind.EXTENSION, "till")]
    release = replace(till, extension_kind=ExtensionKind.PLUGIN)
    resolution = replace(resolution, releases={**resolution.releases, release.package: release})
    plan = make_plan(
        Installed(), resolution, HOST_REQUEST, observed, Artifacts(paheko={"till": "sha256:new"})
    )
    (change,) = plan.host
    done = [
        name
        for name, is_done in (
            ("places", change.places_code),
            ("upgrades", change.upgrades),
            ("enables", change.enables),
        )
        if is_done
    ]
    assert " ".join(done) == expected


def test_an_extension_nobody_has_the_files_of_is_refused(world: World) -> None:
    """A name in a catalog is not code."""
    with pytest.raises(ExtensionCodeMissingError):
        plan_of(world, Wish({}, {"till": "1.0"}), observed=paheko(), request=HOST_REQUEST)


def test_an_approval_fits_the_plan_it_was_made_of_and_no_other(world: World) -> None:
    """What moved is named: a file, a module's code, the generation."""
    inputs = {"bundles/standard.toml": "sha256:1"}
    wish = Wish({"a": "1"})
    plan = plan_of(world, wish, artifacts=Artifacts({"a": "sha256:1"}, inputs=inputs))
    content = json.dumps(plan_json(plan)).encode()
    approval = parse_approval(content, "x.json")
    check_approval(approval, plan)
    moved = Artifacts({"a": "sha256:2"}, inputs={"bundles/standard.toml": "sha256:9"})
    other = plan_of(world, wish, before=plan, artifacts=moved)
    with pytest.raises(StalePlanError) as caught:
        check_approval(approval, other)
    found = set(caught.value.facts["moved"])
    assert {"input:bundles/standard.toml", "module:a", "generation"} <= found
    assert caught.value.exit_code == 6


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"kind": "plan"}', b"\xff", b"[" * 100_000, b'"x"']
)
def test_a_file_that_is_no_approval_is_told_so(content: bytes) -> None:
    """Whatever is in it, the answer is one coded error."""
    with pytest.raises(ApprovalUnreadableError):
        parse_approval(content, "x.json")


def test_an_approval_changed_by_hand_or_of_another_format_is_refused(world: World) -> None:
    """Its hashes seal it."""
    document = plan_json(plan_of(world, Wish({"a": "1"})))
    document["made_from"]["generation"] = "7"
    with pytest.raises(ApprovalUnreadableError):
        parse_approval(json.dumps(document).encode(), "x.json")
    with pytest.raises(ApprovalTooNewError):
        parse_approval(json.dumps({**document, "format": 2}).encode(), "x.json")


def test_a_plan_holds_references_never_secrets(world: World) -> None:
    """A setting that is a reference stays one, in the plan and in what it leads to."""
    wish = Wish({"a": "1"}, settings={"a": {"token": {"env": "TOKEN"}}})
    document = plan_json(plan_of(world, wish))
    assert document["config"]["settings"]["a"]["token"] == {"env": "TOKEN"}
