"""The quick way to decode an index's entry gives what the full way gives, or gives up."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from recyclic.manifest.findings import Findings
from recyclic.manifest.index_file import decode_entry
from recyclic.manifest.json_places import EntryPlaces, JsonPlaces
from recyclic.manifest.quick_entry import quick_module
from recyclic.model.package import Origin, OriginKind, Package, PackageKind

ranges = st.one_of(
    st.sampled_from(["a", "a>=1", "b_c >=1,<2", "x==1.0", "a*", "cap-x>=2", "a ~=1.2", "a==1.*"]),
    st.sampled_from(["", "1a", "a^1", "a>=x", "A b", " a>=1 ", "é", "a" * 101]),
    st.text(max_size=5),
    st.integers(),
)
lists = st.one_of(st.lists(ranges, max_size=3), ranges, st.none())
entries = st.fixed_dictionaries(
    {},
    optional={
        "name": st.one_of(st.text(max_size=5), st.integers()),
        "version": st.sampled_from(["1.0", "1.0.0", "2", 1]),
        "description": st.one_of(st.text(max_size=5), st.none()),
        "permissions": st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {"section": st.sampled_from(["users", "config", "x"])},
                optional={"level": st.sampled_from(["read", "admin", "none", "z"])},
            ),
        ),
        "ui": st.one_of(
            st.dictionaries(
                st.sampled_from(["routes", "slots", "shared_slots", "other"]), lists, max_size=2
            ),
            st.lists(st.integers()),
        ),
        "dependencies": st.one_of(
            st.dictionaries(
                st.sampled_from(
                    ["modules", "python", "paheko", "optional", "conflicts", "provides", "core"]
                ),
                lists,
                max_size=3,
            ),
            st.none(),
        ),
        "events": st.dictionaries(
            st.sampled_from(["emits", "consumes"]),
            st.one_of(lists, st.just([{"name": "sold", "version": 2}]), st.just(["sold", "paid"])),
        ),
        "artifact": st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {"sha256": st.sampled_from(["0" * 64, "F" * 64, "0" * 63, 1])},
                optional={"path": st.sampled_from(["a.zip", 1]), "size": st.integers(-1, 5)},
            ),
        ),
        "yanked": st.sampled_from([True, False, "broken"]),
        "settings": st.just({"properties": {}}),
        "unknown": st.just(1),
    },
)


@given(entry=entries)
@settings(max_examples=600, deadline=None)
def test_both_ways_agree(entry: dict[str, Any]) -> None:
    """What the quick way accepts the full way accepts, and both make the same release."""
    text = json.dumps({"modules": {"a": {"1.0": entry}}})
    placed = EntryPlaces(JsonPlaces("index.json", text.encode), ("modules", "a", "1.0"))
    package = Package(PackageKind.MODULE, "a")
    origin = Origin(OriginKind.INDEX, "index.json")
    quick = quick_module(package, Version("1.0"), "1.0", entry, placed, origin)
    findings = Findings()
    full = decode_entry(package, "1.0", entry, placed, "index.json", findings)
    if quick is not None:
        assert findings.all == []
        assert quick == full


def test_the_common_shape_takes_the_quick_way() -> None:
    """An entry with every key that indexes usually have is not passed on."""
    entry = {
        "name": "A",
        "version": "1.0",
        "description": "d",
        "permissions": {"section": "users", "level": "read"},
        "ui": {"routes": ["/a"], "slots": ["s"]},
        "dependencies": {
            "modules": ["b>=1"],
            "python": ["httpx>=0.27"],
            "paheko": ["caisse>=0.8"],
            "optional": ["c"],
            "conflicts": ["d<2"],
            "provides": ["cap==1.0"],
        },
        "events": {"emits": ["sold"], "consumes": ["paid"]},
        "artifact": {"path": "a.zip", "sha256": "0" * 64, "size": 3},
    }
    placed = EntryPlaces(JsonPlaces("i", b"{}".strip), ("modules", "a", "1.0"))
    origin = Origin(OriginKind.INDEX, "i")
    package = Package(PackageKind.MODULE, "a")
    assert quick_module(package, Version("1.0"), "1.0", entry, placed, origin) is not None
