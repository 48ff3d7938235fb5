"""What was displaced and is displaced again goes back the way it came."""

from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from tests.scenarios.scenario_file import scenario_of

from recyclic.model.catalog import MemoryCatalog
from recyclic.model.diagnostic import Place
from recyclic.model.package import Origin, OriginKind, Package, PackageKind, Release, Requirement
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.resolve import resolve
from recyclic.testing.strategies import HOST

LINE = Place("shop.toml", 1)


def module(name: str) -> Package:
    return Package(PackageKind.MODULE, name)


def needs(text: str) -> Requirement:
    name, _, specifier = text.partition(" ")
    return Requirement(module(name), SpecifierSet(specifier), LINE)


def release(name: str, version: str, *asked: str) -> Release:
    origin = Origin(OriginKind.INDEX, "index.json")
    requires = tuple(map(needs, asked))
    return Release(module(name), Version(version), LINE, origin, requires=requires)


CATALOG = MemoryCatalog(
    [
        *(release("till", version) for version in ("1.0", "1.1", "1.5", "1.6")),
        release("till", "2.0", "receipts"),
        release("receipts", "1.0"),
        release("labels", "1.0", "till <1.6"),
        release("sorter", "1.0", "till <1.5"),
        release("scale", "1.0", "till <1.1"),
        release("printer", "1.0", "receipts"),
        release("shelf", "1.0", "till !=1.5"),
    ]
)


def asked(*names: str, before: Resolution | None = None) -> Resolution:
    """The answer for those modules, on top of another."""
    lines = tuple(needs(each) for each in ("till", *names))
    kept = _on_top_of(before) if before else Preferences()
    return resolve(Request("lyon", None, lines), CATALOG, HOST, kept)


def _on_top_of(before: Resolution) -> Preferences:
    return Preferences(locked=before.versions, displaced=before.displaced)


def stood(answer: Resolution, name: str = "till") -> list[str]:
    return [str(each) for each in answer.displaced.get(module(name), ())]


def test_each_step_is_taken_back_by_itself() -> None:
    """2.0, 1.5, 1.1, 1.0 and the same versions on the way back, though newer ones would fit."""
    first = asked()
    second = asked("labels", before=first)
    third = asked("labels", "sorter", before=second)
    fourth = asked("labels", "sorter", "scale", before=third)
    assert [str(each.versions[module("till")]) for each in (first, second, third, fourth)] == [
        "2.0",
        "1.5",
        "1.1",
        "1.0",
    ]
    assert stood(fourth) == ["2.0", "1.5", "1.1"]
    for names, before, expected in (
        (("labels", "sorter"), fourth, third),
        (("labels",), fourth, second),
        (("labels",), third, second),
        ((), fourth, first),
    ):
        back = asked(*names, before=before)
        assert (back.versions, back.displaced) == (expected.versions, expected.displaced)


def test_steps_are_taken_back_in_any_order() -> None:
    """Where it stood longest ago is best; where it never stood is no better than where it is."""
    fourth = asked("labels", "sorter", "scale", before=asked("labels", before=asked()))
    without = asked("sorter", "scale", before=fourth)
    assert stood(without) == ["2.0", "1.5"]
    assert asked("labels", before=without).versions[module("till")] == Version("1.5")
    assert asked("sorter", before=without).versions[module("till")] == Version("1.0")


def test_where_it_stood_is_better_than_what_is_newer() -> None:
    """Also for what nobody requested, and where the first of those places cannot be had."""
    till = module("till")
    places = (Version("1.5"), Version("1.1"))
    lock = Preferences(locked={till: Version("1.0")}, displaced={till: places})
    found = resolve(Request("lyon", None, (needs("shelf"),)), CATALOG, HOST, lock)
    assert found.versions[till] == Version("1.1")
    assert stood(found) == ["1.5"]


def test_what_an_addition_brought_is_not_missed() -> None:
    """Receipts went with till 2.0, which is remembered; the scale and its printer came and went."""
    second = asked("labels", before=asked())
    assert stood(second, "receipts") == ["1.0"]
    third = asked("labels", "printer", before=second)
    assert stood(third, "receipts") == ["1.0", "None"]
    assert asked("labels", "printer", before=third).displaced == third.displaced
    back = asked("labels", before=third)
    assert (back.versions, back.displaced) == (second.versions, second.displaced)


def test_what_only_the_memory_makes_possible_comes_back() -> None:
    """A pre-release that was installed, went, and is asked for again: nobody else may have it."""
    it = scenario_of(
        {
            "ask": {"modules": ["tool", "scanner"]},
            "prefer": {"installed": {"scanner": "2.1rc1"}},
            "catalog": {
                "receipts": {"2.0": {"provides": ["tool"]}},
                "scanner": {
                    "2.0": {"requires": ["receipts<2"]},
                    "2.1rc1": {"requires": ["receipts"], "provides": ["tool"]},
                },
            },
        }
    )
    first = resolve(it.request, it.catalog, it.host, it.preferences)
    fewer = replace(it.request, requirements=it.request.requirements[:1])
    second = resolve(fewer, it.catalog, it.host, _on_top_of(first))
    assert stood(second, "scanner") == ["2.1rc1"]
    third = resolve(it.request, it.catalog, it.host, _on_top_of(second))
    assert (third.versions, third.displaced) == (first.versions, first.displaced)
