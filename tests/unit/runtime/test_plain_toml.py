"""plain_toml decides how long reading takes, never what is read: tomllib is the judge."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from recyclic.runtime import plain_toml

PROJECT = Path(__file__).parents[3]

# Pieces that are valid alone; together they meet duplicate keys, tables in the way of values,
# values in the way of tables, and lines that only tomllib understands.
pieces = st.sampled_from(
    [
        'a = "x"',
        "a = 1",
        "b = true",
        'a = ["x", "y"]',
        'a = ["x",]',
        "a = []",
        "a = [ ]",
        "[a]",
        "[a.b]",
        "[a.b.c]",
        "[b]",
        "[[a]]",
        'a.b = "x"',
        'a = """x"""',
        "a = 'x'",
        r'a = "\u00e9"',
        'a = "é"',
        'a = "x" # why',
        "# only a remark",
        "",
        "  a = 1",
        "\ta = 1",
        "a = 01",
        "a = 1_0",
        "a = -1",
        "a = 1.5",
        "a = {x = 1}",
        "a = [",
        "a",
        '"a" = 1',
        "[ a ]",
        "[a]#x",
        "a=1",
        'b = ["x" "y"]',
        "a = 99999999999999999999",
    ]
)


def outcome(loads: Any, text: str) -> object:
    try:
        return loads(text)
    except tomllib.TOMLDecodeError as error:
        return str(error)


@given(st.lists(pieces, max_size=8).map("\n".join))
def test_documents_of_all_sorts_read_the_same(text: str) -> None:
    """Value or error, also where the plain reader gives up half way."""
    assert outcome(plain_toml.loads, text) == outcome(tomllib.loads, text)


@given(st.text(alphabet='ab.[]"=#\\ ,\n\r\t1{}\x00é', max_size=40))
def test_any_text_reads_the_same(text: str) -> None:
    """Down to control characters and lone carriage returns."""
    assert outcome(plain_toml.loads, text) == outcome(tomllib.loads, text)


values = st.one_of(
    st.text(max_size=10), st.booleans(), st.integers(), st.lists(st.text(max_size=5))
)
tables = st.dictionaries(st.from_regex(r"[A-Za-z0-9_-]{1,5}", fullmatch=True), values, max_size=4)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), tables, max_size=4))
def test_what_a_writer_writes_reads_the_same(document: dict[str, dict[str, Any]]) -> None:
    """Files made by programs, escapes included."""
    assert plain_toml.loads(tomli_w.dumps(document)) == document


@pytest.mark.parametrize("manifest", sorted(PROJECT.glob("modules/*/module.toml")), ids=str)
def test_our_own_modules_read_the_same(manifest: Path) -> None:
    """The real ones."""
    text = manifest.read_text(encoding="utf-8")
    assert plain_toml.loads(text) == tomllib.loads(text)


def test_a_usual_module_toml_is_plain() -> None:
    """Otherwise the plain reader would be worth nothing."""
    text = (
        'name = "Paheko Sync"\nversion = "0.1.0"  # PEP 440\n\n[permissions]\nlevel = "write"\n\n'
        '[dependencies]\nmodules = ["caisse>=0.1,<1"]\npaheko = []\n\n[settings.properties.url]\n'
        'type = "string"\nsecret = true\n'
    )
    assert plain_toml._plain(text) == tomllib.loads(text)
