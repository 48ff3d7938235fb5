"""What the schema of a module's settings finds, in the schema itself and in values."""

from datetime import date
from typing import Any

import pytest

from recyclic.model.settings_schema import Misfit, misfits, schema_mistakes

_SCHEMA: dict[str, Any] = {
    "required": ["url", "rate"],
    "additionalProperties": False,
    "properties": {
        "url": {"type": "string", "format": "uri"},
        "rate": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "since": {"type": "string", "format": "date"},
        "till": {"type": "object", "additionalProperties": False, "properties": {"drawer": {}}},
    },
}


def test_every_misfit_is_found_with_its_place() -> None:
    values = {"url": "x", "rate": [], "colour": 1, "since": date(2026, 1, 1), "till": {"lid": 1}}

    assert misfits(values, _SCHEMA) == [
        Misfit((), "additionalProperties", "rate, since, till, url"),
        Misfit(("rate",), "anyOf", "string, integer"),
        Misfit(("since",), "type", "string"),
        Misfit(("till",), "additionalProperties", "drawer"),
        Misfit(("url",), "format", "uri"),
    ]


def test_what_is_required_and_missing_is_named() -> None:
    assert [misfit.path for misfit in misfits({}, _SCHEMA)] == [("rate",), ("url",)]


def test_a_reference_to_a_secret_fits_everywhere() -> None:
    assert misfits({"url": {"env": "URL"}, "rate": {"file": "/run/rate"}}, _SCHEMA) == []


def test_mistakes_of_a_schema_come_together_and_once() -> None:
    schema = {"type": "strin", "pattern": "((", "properties": {"a": 3, "b": {"minLength": -1}}}

    assert schema_mistakes(schema) == [
        Misfit(("pattern",), "format", "regex"),
        Misfit(("properties", "a"), "type", "boolean, object"),
        Misfit(("properties", "b", "minLength"), "minimum", "0"),
        Misfit(("type",), "anyOf", "array, boolean, integer, null, number, object, string"),
    ]


@pytest.mark.parametrize("reference", ["#/nowhere", "http://schemas.invalid/till.json", "other"])
def test_a_schema_refers_to_nothing_outside_itself(reference: str) -> None:
    (mistake,) = schema_mistakes({"properties": {"a": {"$ref": reference}}})

    assert mistake.rule == "$ref"


def test_settings_are_an_object() -> None:
    assert schema_mistakes({"type": "array"}) == [Misfit(("type",), "type", "object")]
