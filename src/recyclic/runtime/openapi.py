"""One OpenAPI document for the whole site: every running module's routes, under its tag."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

logger = logging.getLogger("recyclic.runtime")

_SCHEMA_PREFIX = "#/components/schemas/"


def merged_openapi(
    title: str, version: str, core: FastAPI, modules: Iterable[tuple[str, str, FastAPI]]
) -> dict[str, Any]:
    """The document; costs as much as FastAPI's own for the same routes.

    A schema name that two modules use for different things carries the module's name.

    Args:
        modules: Name, description and app of each module, in boot order.
    """
    parts = {"recyclic": _document_of("recyclic", core)}
    tags = [{"name": "recyclic", "description": "The site itself: health, modules, slots"}]
    for name, description, app in modules:
        parts[name] = _document_of(name, app)
        tags.append({"name": name, "description": description})
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": {},
        "components": {},
        "tags": tags,
    }
    for part in _with_distinct_schemas(parts).values():
        _merge(part, document)
    return document


def _document_of(name: str, app: FastAPI) -> dict[str, Any]:
    try:
        return get_openapi(title=name, version="0", routes=app.routes)
    except Exception:  # one module's odd model must not cost the site its document
        logger.exception("no OpenAPI for module %s", name, extra={"module_name": name})
        return {"paths": {}}


def _merge(part: Mapping[str, Any], document: dict[str, Any]) -> None:
    for path, operations in part.get("paths", {}).items():
        document["paths"].setdefault(path, {}).update(operations)
    for kind, entries in part.get("components", {}).items():
        document["components"].setdefault(kind, {}).update(entries)


def _with_distinct_schemas(parts: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """``parts`` with every name that means two things spelled ``module.Name``."""
    seen: dict[str, Any] = {}
    uses: Counter[str] = Counter()
    for part in parts.values():
        for name, schema in _schemas(part).items():
            if name not in seen or seen[name] != schema:
                uses[name] += 1
                seen[name] = schema
    doubled = {name for name, count in uses.items() if count > 1}
    return {owner: _renamed(owner, part, doubled) for owner, part in parts.items()}


def _schemas(part: Mapping[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = part.get("components", {}).get("schemas", {})
    return schemas


def _renamed(owner: str, part: dict[str, Any], doubled: set[str]) -> dict[str, Any]:
    if not doubled.intersection(_schemas(part)):
        return part
    renamed: dict[str, Any] = _with_references(part, owner, doubled)
    renamed["components"]["schemas"] = {
        f"{owner}.{name}" if name in doubled else name: schema
        for name, schema in _schemas(renamed).items()
    }
    return renamed


def _with_references(value: Any, owner: str, doubled: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _with_references(item, owner, doubled) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_references(item, owner, doubled) for item in value]
    if isinstance(value, str) and value.startswith(_SCHEMA_PREFIX):
        name = value.removeprefix(_SCHEMA_PREFIX)
        return f"{_SCHEMA_PREFIX}{owner}.{name}" if name in doubled else value
    return value
