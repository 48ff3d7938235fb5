"""The page at ``/docs``: every operation of the site, module by module, from its OpenAPI
document. Plain HTML, because many sites have no way to the internet."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from recyclic.runtime.markup import Html, element, page
from recyclic.runtime.speech import N_, Speech

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


def docs_page(document: Mapping[str, Any], speech: Speech, language: str) -> str:
    """The page for an OpenAPI document, in ``language``."""

    def say(text: str) -> str:
        return speech.translate(text, language)

    sections = []
    for tag in document.get("tags", ()):
        operations = [
            _operation(method, path, operation, document, say)
            for method, path, operation in _operations(document)
            if tag["name"] in operation.get("tags", ())
        ]
        if operations:
            intro = element("p", tag.get("description", ""))
            sections.append(element("section", element("h2", tag["name"]), intro, *operations))
    machine = element("a", "openapi.json", href="openapi.json")
    title = f"{document['info']['title']}: {say(N_('What programs can ask here'))}"
    return page(title, language, element("p", say(N_("For machines:")), " ", machine), *sections)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in sorted(document["paths"].items()):
        for method in _METHODS:
            if method in methods:
                yield method, path, methods[method]


def _operation(
    method: str, path: str, operation: Mapping[str, Any], document: Mapping[str, Any], say: Any
) -> Html:
    line = element("code", element("b", method.upper()), " ", path)
    parts: list[Html] = []
    if operation.get("description"):
        parts.append(element("p", operation["description"]))
    rows = [_parameter(parameter, say) for parameter in operation.get("parameters", ())]
    if rows:
        parts.append(element("table", *rows))
    for kind, schema in _bodies(operation):
        parts.append(element("p", say(N_("Body")), ": ", element("code", kind)))
        parts.append(element("pre", json.dumps(_opened(schema, document), indent=2)))
    answers = ", ".join(
        f"{status} {answer.get('description', '')}"
        for status, answer in operation.get("responses", {}).items()
    )
    parts.append(element("p", say(N_("Answers")), ": ", answers))
    summary = element("summary", line, " ", operation.get("summary", ""))
    return element("details", summary, *parts)


def _parameter(parameter: Mapping[str, Any], say: Any) -> Html:
    needed = say(N_("required")) if parameter.get("required") else ""
    kind = parameter.get("schema", {}).get("type", "")
    cells = (parameter["name"], parameter["in"], kind, needed, parameter.get("description", ""))
    return element("tr", *(element("td", cell) for cell in cells))


def _bodies(operation: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    content = operation.get("requestBody", {}).get("content", {})
    for kind, described in content.items():
        yield kind, described.get("schema", {})


def _opened(schema: Any, document: Mapping[str, Any], within: tuple[str, ...] = ()) -> Any:
    """``schema`` with references replaced by what they name; a cycle keeps its reference."""
    if isinstance(schema, list):
        return [_opened(item, document, within) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in within:
        named = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
        return _opened(named, document, (*within, reference))
    return {key: _opened(item, document, within) for key, item in schema.items() if key != "title"}
