"""Each rule: what it refuses, where it points, and what it leaves alone."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.catalog.made_resolutions import MadeSite

from recyclic.catalog.rules import RESERVED_ROUTES, check_resolution
from recyclic.cli.render import render_diagnostic
from recyclic.model.diagnostic import Diagnostic, Severity


@pytest.fixture
def site(tmp_path: Path) -> MadeSite:
    return MadeSite(tmp_path)


def check(site: MadeSite) -> list[Diagnostic]:
    return check_resolution(site.resolution(), site.request)


def told(site: MadeSite) -> list[tuple[str, str]]:
    """Code and ``file:line`` of every finding."""
    return [
        (
            found.code,
            f"{Path(found.place.file).parent.name}:{found.place.line}" if found.place else "",
        )
        for found in check(site)
    ]


def test_nothing_is_wrong_with_nothing(site: MadeSite) -> None:
    """An empty site, and modules that ask for nothing."""
    assert check(site) == []
    assert check(site.module("a").module("b")) == []


def test_missing(site: MadeSite) -> None:
    """Absent, and present at a version that does not fit."""
    site.module("a", '[dependencies]\nmodules = ["b>=2", "c"]\npaheko = ["caisse"]').module("b")
    assert told(site) == [("RCY-C001", "a:4"), ("RCY-C001", "a:4"), ("RCY-C001", "a:5")]


def test_a_provider_is_not_missing(site: MadeSite) -> None:
    """A capability at a fitting version answers; one without a version only the bare name."""
    site.module("a", '[dependencies]\nmodules = ["till>=1", "scale"]')
    site.module("b", '[dependencies]\nprovides = ["till==1.2", "scale"]')
    assert check(site) == []
    site.module("c", '[dependencies]\nmodules = ["till>=2", "scale>=1"]')
    assert [code for code, _ in told(site)] == ["RCY-C001", "RCY-C001"]


def test_what_the_profile_overrides_or_leaves_out_is_not_missing(site: MadeSite) -> None:
    """An override silences a version; an omission silences bundles, not modules."""
    site.module("a", '[dependencies]\nmodules = ["b>=2"]').module("b")
    site.bundle("main", '[modules]\na = "*"\njarvos = "*"')
    site.profile('[modules]\njarvos = false\n[override]\nb = "1.0"')
    assert check(site) == []
    site.module("c", '[dependencies]\nmodules = ["jarvos"]')
    assert told(site) == [("RCY-C001", "c:4")]


def test_conflicts(site: MadeSite) -> None:
    """By name at a version inside the range, and by capability."""
    site.module("a", '[dependencies]\nconflicts = ["b<2", "c<1", "till"]').module("b").module("c")
    site.module("d", '[dependencies]\nprovides = ["till"]')
    assert [(found.code, found.facts["other"]) for found in check(site)] == [
        ("RCY-C015", "b"),
        ("RCY-C015", "d"),
    ]


def test_an_optional_dependency_fits_or_is_absent(site: MadeSite) -> None:
    """It may be missing, but not be there at another version."""
    site.module("a", '[dependencies]\noptional = ["b>=2", "nowhere"]').module("b")
    assert told(site) == [("RCY-C016", "a:4")]


def test_circles_are_part_of_the_rules(site: MadeSite) -> None:
    """So that they are told with everything else."""
    site.module("a", '[dependencies]\nmodules = ["b"]').module(
        "b", '[dependencies]\nmodules = ["a"]'
    )
    assert [code for code, _ in told(site)] == ["RCY-C002"]


def test_a_route_claimed_twice(site: MadeSite) -> None:
    """The second by name is at fault; a slash at the end makes no difference."""
    site.module("a", '[ui]\nroutes = ["/x", "/a"]').module("b", '[ui]\nroutes = ["/b", "/x/"]')
    (found,) = check(site)
    assert (found.code, found.facts["module"], found.facts["first"]) == ("RCY-C004", "b", "a")
    assert str(found.place).endswith("b/module.toml:4:17")


@pytest.mark.parametrize("route", RESERVED_ROUTES)
def test_a_route_of_the_core(route: str, site: MadeSite) -> None:
    """What the core answers itself no module can claim."""
    assert told(site.module("a", f'[ui]\nroutes = ["{route}"]')) == [("RCY-C005", "a:4")]


def test_a_slot_claimed_twice(site: MadeSite) -> None:
    """One module fills a slot; those who share it say so."""
    site.module("a", '[ui]\nslots = ["menu"]').module("b", '[ui]\nslots = ["menu"]')
    assert told(site) == [("RCY-C006", "b:4")]


def test_a_shared_slot_is_not_claimed(site: MadeSite) -> None:
    """Any number of modules add to it."""
    for name in "abc":
        site.module(name, '[ui]\nshared_slots = ["menu"]')
    assert check(site) == []


def test_an_event_that_nobody_emits(site: MadeSite) -> None:
    """Only a warning: it may come from outside."""
    site.module("a", '[events]\nconsumes = ["sold", "paid"]').module(
        "b", '[events]\nemits = ["paid"]'
    )
    (found,) = check(site)
    assert (found.code, found.severity) == ("RCY-C007", Severity.WARNING)
    assert (found.facts["event"], found.facts["emitted"]) == ("sold", ["paid"])


TOTAL_ADDED = '{ type = "object", required = ["id"], properties = { id = { type = "string" } } }'
TOTAL_NEEDED = (
    '{ type = "object", required = ["id", "total"], '
    'properties = { id = { type = "string" }, total = { type = "integer" } } }'
)


@pytest.mark.parametrize(
    ("emits", "consumes", "expected"),
    [
        ('name = "sold"', 'name = "sold"', []),
        ('name = "sold"\nversion = 2', 'name = "sold"', [("RCY-C020", Severity.WARNING)]),
        ('name = "sold"', 'name = "sold"\nversion = 2', [("RCY-C020", Severity.ERROR)]),
        (
            f'name = "sold"\nschema = {TOTAL_ADDED}',
            f'name = "sold"\nschema = {TOTAL_NEEDED}',
            [("RCY-C008", Severity.ERROR)],
        ),
        (
            f'name = "sold"\nversion = 2\nschema = {TOTAL_NEEDED}',
            f'name = "sold"\nversion = 1\nschema = {TOTAL_ADDED}',
            [],
        ),
    ],
)
def test_an_event_is_understood(
    emits: str, consumes: str, expected: list[tuple[str, Severity]], site: MadeSite
) -> None:
    """By its schemas where both are known, else by its versions."""
    site.module("a", f"[[events.emits]]\n{emits}\n")
    site.module("b", f"[[events.consumes]]\n{consumes}\n")
    assert [(found.code, found.severity) for found in check(site)] == expected
    for found in check(site):
        title = render_diagnostic(found).splitlines()[0]
        # Which: a catalog may have several versions of each.
        assert "b 1.0 " in title, title
        assert "a 1.0 " in title, title


CAISSE = """
[settings]
required = ["currency"]
[settings.properties.currency]
type = "string"
pattern = "^[A-Z]{3}$"
[settings.properties.retries]
type = "integer"
minimum = 0
[settings.properties.url]
type = "string"
format = "uri"
[settings.properties.token]
type = "string"
minLength = 20
secret = true
[settings.properties.mail]
type = "object"
[settings.properties.mail.properties.password]
type = "string"
secret = true
"""


def settings_of(site: MadeSite, text: str, schema: str = CAISSE) -> list[tuple[str, str]]:
    """Code and key of what is found with these settings of ``caisse`` in the profile."""
    site.module("caisse", schema).bundle("main").profile(f"[settings.caisse]\n{text}")
    return [(found.code, found.facts.get("key", "")) for found in check(site)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('currency = "EUR"', []),
        ("", [("RCY-C013", "currency")]),
        ('currency = "eur"', [("RCY-C011", "currency")]),
        ('currency = "EUR"\nretries = "3"', [("RCY-C011", "retries")]),
        ('currency = "EUR"\nretries = -1', [("RCY-C011", "retries")]),
        ('currency = "EUR"\nurl = "nowhere"', [("RCY-C011", "url")]),
        ('currency = "EUR"\nurl = "https://a.example/"', []),
        ('currency = { env = "CURRENCY" }', []),
        ('currency = "EUR"\nretires = 3', [("RCY-C010", "retires")]),
        ('currency = "EUR"\ntoken = { env = "TOKEN" }', []),
        ('currency = "EUR"\ntoken = { file = "/run/secrets/t" }', []),
        ('currency = "EUR"\nmail.password = { env = "P" }', []),
        ('currency = "EUR"\nmail.password = "hunter2"', [("RCY-C012", "mail.password")]),
    ],
)
def test_settings(text: str, expected: list[tuple[str, str]], site: MadeSite) -> None:
    """Against the module's schema; a reference fits where a text is wanted."""
    assert settings_of(site, text) == expected


def test_a_plain_secret_is_never_shown(site: MadeSite) -> None:
    """Not in the finding, not in what else is wrong with the value."""
    site.module("caisse", CAISSE).bundle("main", '[settings.caisse]\ntoken = "from-bundle"')
    site.profile('[settings.caisse]\ncurrency = "EUR"\ntoken = "hunter2"')
    found = check(site)
    assert {each.code for each in found} >= {"RCY-C012"}
    assert "hunter2" not in repr(found)
    assert "from-bundle" not in repr(found)


def test_a_plain_secret_that_lost_is_still_in_its_file(site: MadeSite) -> None:
    """So it is told, at the line it stands on."""
    site.module("caisse", CAISSE).bundle("main", '[settings.caisse]\ntoken = "from-bundle"')
    site.profile('[settings.caisse]\ncurrency = "EUR"\ntoken = { env = "TOKEN" }')
    assert [(each.code, str(each.place)) for each in check(site)] == [
        ("RCY-C012", f"{site.folder}/main.toml:4:1")
    ]


def test_a_secret_default_in_a_schema(site: MadeSite) -> None:
    """A module ships no secrets either."""
    schema = '[settings.properties.token]\nsecret = true\ndefault = "hunter2"\n'
    assert settings_of(site, "", schema) == [("RCY-C012", "token")]


def test_a_password_in_the_address_of_the_bus(site: MadeSite) -> None:
    """The whole address becomes the secret then."""
    site.profile('[events]\nurl = "redis://:hunter2@db:6379/0"')
    (found,) = check(site)
    assert found.code == "RCY-C012"
    assert str(found.place).endswith("profile.toml:4:7")
    assert "hunter2" not in repr(found)


def test_a_setting_for_a_module_that_is_not_enabled(site: MadeSite) -> None:
    """An error for a slip, a warning for a module that was left out on purpose."""
    site.module("caisse", CAISSE).bundle("main")
    site.profile("[settings.caisse]\ncurrency = 'EUR'\n[settings.caise]\na = 1")
    (found,) = check(site)
    assert (found.code, found.severity, found.facts["near"]) == (
        "RCY-C009",
        Severity.ERROR,
        "caisse",
    )
    site.profile(
        "[modules]\ncaise = false\n[settings.caisse]\ncurrency='EUR'\n[settings.caise]\na=1"
    )
    assert [(each.code, each.severity) for each in check(site)] == [("RCY-C009", Severity.WARNING)]


def test_a_module_that_declares_no_settings_takes_any(site: MadeSite) -> None:
    """Nobody can know whether they are read: a warning."""
    site.module("caisse").bundle("main").profile("[settings.caisse]\na = 1")
    assert [(each.code, each.severity) for each in check(site)] == [("RCY-C019", Severity.WARNING)]


@pytest.mark.parametrize(
    "schema",
    [
        '[settings.properties.a]\ntype = "txt"\n',
        "[settings]\nproperties = 5\n",
        "[settings]\nrequired = 'a'\n",
        '[settings]\ntype = "array"\n',
    ],
)
def test_a_settings_schema_that_is_none(schema: str, site: MadeSite) -> None:
    """Told as the module's own mistake; its settings are then not checked against it."""
    codes = {code for code, _ in settings_of(site, "", schema)}
    assert codes == {"RCY-C014"}


def test_an_events_schema_that_is_none(site: MadeSite) -> None:
    """Told at the event, before any payload is refused by it."""
    site.module("a", '[[events.emits]]\nname = "sold"\nschema = { type = "objekt" }\n')
    found = check(site)
    assert {each.code for each in found} == {"RCY-C023"}
    assert found[0].place is not None
    assert found[0].place.line == 3


def test_a_withdrawn_release_is_told(site: MadeSite) -> None:
    """It was asked for exactly, so it is used; its publisher's reason is repeated."""
    resolution = site.module("a").resolution()
    withdrawn = {
        package: replace(release, yanked="loses sales")
        for package, release in resolution.releases.items()
    }
    (found,) = check_resolution(replace(resolution, releases=withdrawn), site.request)
    assert (found.code, found.severity) == ("RCY-C024", Severity.WARNING)
    assert found.facts["reason"] == "loses sales"
