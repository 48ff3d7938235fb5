"""JSON Schemas of the files people write, for editors: generated from the wire models."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from recyclic.manifest.wire import BundleWire, ConfigWire, IndexWire, ModuleWire, ProfileWire

_FILES: dict[str, tuple[type[BaseModel], str]] = {
    "module": (ModuleWire, "module.toml of recyclic"),
    "bundle": (BundleWire, "A bundle of recyclic"),
    "profile": (ProfileWire, "A profile of recyclic: what one site asks for"),
    "index": (IndexWire, "index.json of recyclic"),
    "config": (ConfigWire, "config.toml of recyclic: what a site boots"),
}


class _Generator(GenerateJsonSchema):
    # Ranges have no JSON form; an empty one is what leaving the key out means.
    ignored_warning_kinds = {"non-serializable-default", "skipped-choice"}  # noqa: RUF012


def schemas() -> dict[str, dict[str, Any]]:
    """Each schema by its file's name, ``module.schema.json`` first; the same on every run.

    Draft 7, for the sake of editors: some stop there.
    """
    return {f"{name}.schema.json": _schema(*described) for name, described in _FILES.items()}


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    body = model.model_json_schema(
        by_alias=True, ref_template="#/definitions/{model}", schema_generator=_Generator
    )
    definitions = {name: _tidy(each) for name, each in body.pop("$defs", {}).items()}
    for name, each in definitions.items():
        if name.endswith("EntryWire"):
            # Name and version of an entry are the keys it stands under.
            each["required"] = [
                key for key in each.pop("required", []) if key not in ("name", "version")
            ]
    body.pop("title", None)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        **_tidy(body),
        "definitions": definitions,
    }


def _tidy(schema: Any) -> Any:
    """Without pydantic's titles, and without null, which TOML cannot write."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    choices = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if len(choices) == 1:
        schema = {key: item for key, item in schema.items() if key != "anyOf"} | choices[0]
    tidied = {
        key: _tidy_properties(item) if key == "properties" else _tidy(item)
        for key, item in schema.items()
        if not (key == "title" or (key == "default" and item is None))
    }
    if choices and len(choices) > 1:
        tidied["anyOf"] = _tidy(choices)
    return tidied


def _tidy_properties(properties: dict[str, Any]) -> dict[str, Any]:
    """Here ``title`` and ``default`` would be names of settings, not keywords."""
    return {name: _tidy(each) for name, each in properties.items()}
