"""config.toml: a SiteConfig to and from bytes. The same value always gives the same bytes."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeGuard

import tomli_w

from recyclic.errors import RecyclicError
from recyclic.model.names import ExtensionName, ModuleName
from recyclic.model.settings import is_secret_reference
from recyclic.model.site_config import CONFIG_FORMAT, SiteConfig, StepBack, Stood
from recyclic.site.errors import ConfigTooNewError, ConfigUnreadableError

HEADER = (
    "# Written by recyclic apply. To change it, edit the profile or the bundle and apply again.\n"
)
_LIMIT_BYTES = 16 << 20
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def write_config(config: SiteConfig) -> bytes:
    """The file's content: sections in a fixed order, keys sorted, secrets as references."""
    sections = [_head(config), *(_section(path, table) for path, table in _tables(config))]
    return (HEADER + "\n".join(sections)).encode()


def _head(config: SiteConfig) -> str:
    first = {
        "format": config.format,
        "site": config.site,
        "bundle": config.bundle,
        "bundle_version": config.bundle_version,
    }
    return _lines(first)


def _tables(config: SiteConfig) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Every table but the first, empty ones left out."""
    yield ("modules",), {"enabled": list(config.modules)}
    named = (
        (("versions", "modules"), config.module_versions),
        (("versions", "paheko"), config.paheko_versions),
        (("versions", "bundles"), config.bundle_versions),
        (("displaced",), _stood(config.displaced)),
        (("before",), {"steps": [_step(each) for each in config.before] or None}),
        (("overrides",), config.overrides),
        (("hashes",), {"requirements": config.requirements_hash}),
        (("hashes", "modules"), config.module_hashes),
        (("hashes", "paheko"), config.paheko_hashes),
        *((("settings", name), config.settings[name]) for name in sorted(config.settings)),
        *((("hosts", name), config.hosts[name]) for name in sorted(config.hosts)),
        (("events",), config.events),
    )
    for path, table in named:
        shown = {key: table[key] for key in sorted(table) if table[key] is not None}
        if shown:
            yield path, shown


def _stood(stood: Stood) -> dict[str, object]:
    """By package one version, ``False`` for what was not in, or a list of them."""
    lists = {name: [text or False for text in texts] for name, texts in stood.items()}
    return {name: each[0] if len(each) == 1 else each for name, each in lists.items()}


def _step(step: StepBack) -> dict[str, object]:
    tables = {
        "versions": {name: text or False for name, text in step.versions.items()},
        "displaced": _stood(step.displaced),
    }
    return {key: table for key, table in tables.items() if table}


def _section(path: tuple[str, ...], table: Mapping[str, Any]) -> str:
    """One table and its sub-tables; a secret's reference stays on its line."""
    plain = {key: table[key] for key in sorted(table) if not _is_table(table[key])}
    text = f"[{'.'.join(map(toml_key, path))}]\n{_lines(plain)}" if plain or not table else ""
    nested = [
        _section((*path, key), value) for key, value in sorted(table.items()) if _is_table(value)
    ]
    return "\n".join(part for part in [text, *nested] if part)


def _is_table(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and not is_secret_reference(value)


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(_line(key, value) for key, value in table.items())


def _line(key: str, value: object) -> str:
    """One key and its value; a list with one item a line, for diffs."""
    if isinstance(value, (list, tuple)) and value:
        items = "".join(f"    {inline_value(item)},\n" for item in value)
        return f"{toml_key(key)} = [\n{items}]\n"
    return f"{toml_key(key)} = {inline_value(value)}\n"


def inline_value(value: object) -> str:
    """``value`` as TOML on one line, keys sorted."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{toml_key(key)} = {inline_value(value[key])}" for key in sorted(value))
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(inline_value, value))}]"
    return tomli_w.dumps({"k": value}).removeprefix("k = ").removesuffix("\n")


def toml_key(key: str) -> str:
    """``key`` as TOML writes it, quoted where it must be."""
    return key if _BARE_KEY.fullmatch(key) else tomli_w.dumps({key: 0}).removesuffix(" = 0\n")


def read_config(path: Path) -> SiteConfig:
    """What a config.toml says.

    Raises:
        ConfigUnreadableError: it cannot be read, or is not one: what is wrong is in ``detail``.
        ConfigTooNewError: its format is another.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT_BYTES + 1)
        if len(content) > _LIMIT_BYTES:
            raise ValueError(f"larger than {_LIMIT_BYTES} bytes")
        return parse_config(content, str(path))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ConfigUnreadableError(path=str(path), detail=str(error)) from error


def parse_config(content: bytes, label: str) -> SiteConfig:
    """The value of a config.toml's content; ``label`` names it in errors.

    Raises:
        ConfigTooNewError: its format is another.
        ValueError, TypeError: it is not one.
    """
    document = tomllib.loads(content.decode("utf-8"))
    found = document.pop("format", None)
    if not isinstance(found, int) or isinstance(found, bool):
        raise TypeError("format: a whole number is missing")
    if found != CONFIG_FORMAT:
        raise ConfigTooNewError(path=label, found=found, known=CONFIG_FORMAT)
    return config_from(document)


def config_from(document: dict[str, Any]) -> SiteConfig:
    """The value of a decoded config.toml without its ``format``. Takes ``document`` apart.

    Raises:
        ValueError, TypeError: a key is missing, unknown, or of another type.
    """
    modules = _table(document, "modules")
    versions = _table(document, "versions")
    hashes = _table(document, "hashes")
    before = _table(document, "before")
    requirements = hashes.pop("requirements", None)
    if requirements is not None and not isinstance(requirements, str):
        raise TypeError("hashes.requirements: a text was expected")
    config = SiteConfig(
        site=_text(document, "site"),
        bundle=_text(document, "bundle"),
        bundle_version=_text(document, "bundle_version"),
        modules=_names(modules.pop("enabled", [])),
        module_versions=_texts(versions, "modules", ModuleName),
        paheko_versions=_texts(versions, "paheko", ExtensionName),
        bundle_versions=_texts(versions, "bundles"),
        module_hashes=_hashes(hashes, "modules", ModuleName),
        paheko_hashes=_hashes(hashes, "paheko", ExtensionName),
        requirements_hash=requirements,
        settings=_tables_of(document, "settings"),
        hosts=_tables_of(document, "hosts"),
        events=_table(document, "events"),
        overrides=_texts(document, "overrides"),
        displaced=_displaced(document, "displaced"),
        before=_steps(before),
    )
    rests = (("", document), ("modules.", modules), ("versions.", versions), ("before.", before))
    for name, rest in rests:
        if rest:
            raise ValueError(f"unknown key {name}{sorted(rest)[0]}")
    if hashes:
        raise ValueError(f"unknown key hashes.{sorted(hashes)[0]}")
    return config


def config_from_plain(document: Mapping[str, Any]) -> SiteConfig:
    """The value of a SiteConfig written as plain JSON, field by field.

    Raises:
        ValueError, TypeError: it is not one.
    """
    if document.get("format") != CONFIG_FORMAT:
        raise ValueError("format")
    known = {field.name for field in fields(SiteConfig)}
    if set(document) - known:
        raise ValueError(f"unknown key {sorted(set(document) - known)[0]}")
    before = tuple(StepBack(**step) for step in document.get("before", ()))
    modules = tuple(document["modules"])
    return SiteConfig(**{**document, "modules": modules, "before": before})


def _text(document: dict[str, Any], key: str) -> str:
    value = document.pop(key, None)
    if not isinstance(value, str):
        raise TypeError(f"{key}: a text was expected")
    return value


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("modules.enabled: a list of names was expected")
    names = tuple(_checked(ModuleName, name) for name in value)
    if len(set(names)) != len(names):
        raise ValueError("modules.enabled: a name stands twice")
    return names


def _checked(kind: type[ModuleName] | type[ExtensionName], name: object) -> str:
    """``name``, so that no file name made of it can leave its folder."""
    try:
        return str(kind(name)) if isinstance(name, str) else kind("")
    except RecyclicError as error:
        raise ValueError(f"{name!r} is not the name of a {kind.kind}") from error


def _table(document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.pop(key, {})
    if not isinstance(value, dict):
        raise TypeError(f"{key}: a table was expected")
    return value


def _tables_of(document: dict[str, Any], key: str) -> dict[str, dict[str, Any]]:
    tables = _table(document, key)
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise TypeError(f"{key}.{name}: a table was expected")
    return tables


def _hashes(
    document: dict[str, Any], key: str, kind: type[ModuleName] | type[ExtensionName]
) -> dict[str, str]:
    """Hashes by name; each also names a folder of the store, so its form is checked."""
    table = _texts(document, key, kind)
    for name, value in table.items():
        if not _HASH.fullmatch(value):
            raise ValueError(
                f"hashes.{key}.{name}: sha256: and 64 hexadecimal digits were expected"
            )
    return table


def _displaced(document: dict[str, Any], key: str) -> dict[str, tuple[str | None, ...]]:
    """Versions by package, ``false`` for what was not in; a list for what was moved again."""
    table = _table(document, key)
    found = {name: value if isinstance(value, list) else [value] for name, value in table.items()}
    for name, values in found.items():
        if not all(value is False or isinstance(value, str) for value in values):
            raise TypeError(f"{key}.{name}: a text or false was expected")
    return {name: tuple(value or None for value in values) for name, values in found.items()}


def _steps(before: dict[str, Any]) -> tuple[StepBack, ...]:
    steps = before.pop("steps", [])
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise TypeError("before.steps: a list of tables was expected")
    found = []
    for step in steps:
        versions = _table(step, "versions")
        if not all(value is False or isinstance(value, str) for value in versions.values()):
            raise TypeError("before.steps: versions or false were expected")
        stood = {name: value or None for name, value in versions.items()}
        found.append(StepBack(stood, _displaced(step, "displaced")))
        if step:
            raise ValueError(f"unknown key before.steps.{sorted(step)[0]}")
    return tuple(found)


def _texts(
    document: dict[str, Any], key: str, kind: type[ModuleName] | type[ExtensionName] | None = None
) -> dict[str, str]:
    table = _table(document, key)
    for name, value in table.items():
        if kind is not None:
            _checked(kind, name)
        if not isinstance(value, str):
            raise TypeError(f"{key}.{name}: a text was expected")
    return table
