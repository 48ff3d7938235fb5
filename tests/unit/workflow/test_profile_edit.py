"""A setting more in a profile: one line of it changes, and nothing else of the file."""

import tomllib

import pytest

from recyclic.workflow.profile_edit import UnknownShapeError, lines_for, with_setting

PROFILE = """\
# Lyon, since 2021
site = "lyon"            # its name
bundle = "standard"

[settings.caisse]        # the till
currency = "EUR"         # not francs
rates = [
    5.5,  # food
    20,
]

[settings.paheko_sync]
url = "https://lyon.example.org/"
token = { env = "PAHEKO_TOKEN" }
"""

CASES = {
    "a value": (
        ("caisse", "currency"),
        "CHF",
        'currency = "EUR"         # not francs',
        'currency = "CHF"         # not francs',
    ),
    "a list over several lines": (
        ("caisse", "rates"),
        [2.1],
        "[\n    5.5,  # food\n    20,\n]",
        "[2.1]",
    ),
    "a reference": (
        ("paheko_sync", "token"),
        {"file": "/run/secrets/p"},
        '{ env = "PAHEKO_TOKEN" }',
        '{ file = "/run/secrets/p" }',
    ),
    "a key more": (
        ("caisse", "float"),
        True,
        "    20,\n]\n",
        "    20,\n]\nfloat = true\n",
    ),
    "a key inside a table that is not there": (
        ("caisse", "printer", "port"),
        "/dev/ttyUSB1",
        "    20,\n]\n",
        '    20,\n]\nprinter.port = "/dev/ttyUSB1"\n',
    ),
    "a module more": (
        ("weighing", "unit"),
        "kg",
        'token = { env = "PAHEKO_TOKEN" }\n',
        'token = { env = "PAHEKO_TOKEN" }\n\n[settings.weighing]\nunit = "kg"\n',
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_only_the_line_in_question_changes(name: str, newline: str) -> None:
    """Comments, order and line ends of a file in somebody's repository stay."""
    path, value, old, new = CASES[name]
    assert PROFILE.count(old) == 1
    text, expected = PROFILE, PROFILE.replace(old, new)
    if newline != "\n":
        text, expected = text.replace("\n", newline), expected.replace("\n", newline)
    assert with_setting(text, path, value) == expected


SHAPES = {
    "no final newline": 'site = "x"\n[settings.a]\nb = 1',
    "nothing but the site": 'site = "x"',
    "dotted keys": "[settings]\na.b = 1\n",
    "an inline table": "settings = { a = { b = 1 } }\n",
    "an array of arrays": "[settings.a]\nb = [\n  [1, 2],\n  [3],\n]\n",
    "another table behind it": "[settings.a]\nz = 1\n\n[settings.a.deep]\nb = 2\n[events]\n",
    "quoted names": '["settings"."a"]\n"b" = 1\n',
    "a comment at the end": "[settings.a]\nz = 1\n# the end",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("key", ["b", "new"])
def test_it_says_exactly_that_or_it_is_refused(shape: str, key: str) -> None:
    """However a file is written: the value is the only difference, or nothing is done."""
    text = SHAPES[shape]
    expected = tomllib.loads(text)
    expected.setdefault("settings", {}).setdefault("a", {})[key] = "c"
    try:
        edited = with_setting(text, ("a", key), "c")
    except UnknownShapeError:
        assert key == "new"
        assert shape in ("dotted keys", "an inline table")
        return
    assert tomllib.loads(edited) == expected
    assert "# the end" in edited or "# the end" not in text


def test_the_lines_for_a_person_to_paste_are_toml() -> None:
    """A name that needs quotes has them."""
    assert tomllib.loads(lines_for(("caisse", "a b", "c"), [1, {"x": "y"}])) == {
        "settings": {"caisse": {"a b": {"c": [1, {"x": "y"}]}}}
    }
