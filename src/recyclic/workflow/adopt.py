"""``drift --adopt``: what was edited by hand in config.toml, taken over into the site's profile."""

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recyclic.apply.drift import EditedSetting, edited_settings
from recyclic.apply.errors import NotAdoptedError, NothingToAdoptError
from recyclic.catalog.settings import properties_of
from recyclic.manifest.profile import ProfileLayer, read_layers
from recyclic.model.settings import is_secret_reference
from recyclic.model.settings_schema import misfits
from recyclic.site.atomic import beside
from recyclic.site.generations import live_config, read_installed
from recyclic.site.layout import Generation, Site
from recyclic.workflow.inputs import profile_of
from recyclic.workflow.observe import applied_from
from recyclic.workflow.profile_edit import UnknownShapeError, lines_for, with_setting
from recyclic.workflow.target import TargetKind

ALL = "all"
"""Instead of a key: everything that was edited."""

_PREFIXES = ("config:", "settings.")


@dataclass(frozen=True, slots=True)
class Adoption:
    """A profile as it is and as it will be.

    Attributes:
        keys: What is taken over, sorted: ``caisse.currency``.
        diff: Both, as ``diff -u`` shows them.
    """

    profile: Path
    keys: tuple[str, ...]
    diff: str


def adopt(site: Site, asked: Iterable[str]) -> Adoption:
    """Write settings edited in the live config.toml into the site's own profile.

    Only these lines change, and only when nobody else has set them and their module takes them.

    Raises:
        NothingToAdoptError: no such setting was edited.
        NotAdoptedError: the facts say why, and which lines a person could add; nothing was written.
    """
    chosen = choose(edited_settings(site), asked)
    profile = _profile(site)
    if profile is None:
        raise _refusal("no-profile", chosen)
    layers, findings = read_layers(profile)
    findings.stop_on_errors()
    for each in chosen:
        _check_adoptable(each, profile, layers)
        _check_rules(each, site.generation(site.current_number()), profile)
    text = _read(profile)
    edited = _edited(text, chosen, profile)
    _check_writable(profile, chosen)
    _write(profile, edited)
    diff = "".join(_diff(profile, text, edited))
    return Adoption(profile, tuple(each.key for each in chosen), diff)


def choose(edited: Iterable[EditedSetting], asked: Iterable[str]) -> tuple[EditedSetting, ...]:
    """Those that were asked for, by key, by the subject that ``drift`` shows, or ``all``.

    Raises:
        NothingToAdoptError: one is not there; the facts name those that are.
    """
    by_key = {each.key: each for each in edited}
    chosen: dict[str, EditedSetting] = {}
    for text in asked:
        key = text
        for prefix in _PREFIXES:
            key = key.removeprefix(prefix)
        found = by_key if text == ALL else {key: by_key[key]} if key in by_key else {}
        if not found:
            raise NothingToAdoptError(key=text, known=sorted(by_key) or ["-"])
        chosen |= found
    return tuple(chosen[key] for key in sorted(chosen))


def _profile(site: Site) -> Path | None:
    """The site's own profile: what it was last applied from (going back does not count), or what
    its name finds beside the bundle."""
    for number in reversed([each for each in site.numbers() if each <= site.current_number()]):
        target = applied_from(site, generation=number)
        if target is not None and target.kind is TargetKind.PROFILE:
            return target.path if target.path.is_file() else None
        if target is not None and target.kind is TargetKind.BUNDLE:
            config = read_installed(site).config
            return profile_of(target.project, config.site) if config else None
    return None


def _check_adoptable(each: EditedSetting, profile: Path, layers: list[ProfileLayer]) -> None:
    """Return when ``profile`` is the place for it.

    Raises:
        NotAdoptedError: a secret in plain sight, another value there by now, or a line that
            several profiles share.
    """
    if each.is_secret and not is_secret_reference(each.live):
        raise _refusal("secret", (), profile, each.key)
    for layer in layers:
        path = ("settings", *each.path)
        value = _at(layer.document.values, path)
        place = str(layer.document.key_place(path))
        if value is not None and layer.path != profile:
            raise _refusal("shared", (each,), profile, place)
        if value is not None and value not in (each.applied, each.live):
            raise _refusal("moved", (each,), profile, place)


def _at(table: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(table, dict) or key not in table:
            return None
        table = table[key]
    return table


def _read(profile: Path) -> str:
    with profile.open(encoding="utf-8", newline="") as file:
        return file.read()


def _edited(text: str, chosen: tuple[EditedSetting, ...], profile: Path) -> str:
    try:
        for each in chosen:
            text = with_setting(text, each.path, each.live)
    except UnknownShapeError as error:
        raise _refusal("shape", chosen, profile) from error
    return text


def _check_writable(profile: Path, chosen: tuple[EditedSetting, ...]) -> None:
    """A file that says "read-only" is left alone, also by root, whom nothing stops."""
    says_so = profile.stat().st_mode & 0o222
    if not (says_so and os.access(profile, os.W_OK) and os.access(profile.parent, os.W_OK)):
        raise _refusal("read-only", chosen, profile)


def _write(profile: Path, text: str) -> None:
    """Put the new text in place in one step, a link's target in its own."""
    real = profile.resolve()
    new = beside(real)
    try:
        with new.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(real.stat().st_mode & 0o777)
        new.replace(real)
    finally:
        new.unlink(missing_ok=True)


def _check_rules(each: EditedSetting, generation: Generation, profile: Path) -> None:
    """Return when the module itself would take the value.

    Raises:
        NotAdoptedError: its schema does not.
    """
    module = each.path[0]
    try:
        text = (generation.modules / module / "module.toml").read_text(encoding="utf-8")
        schema = tomllib.loads(text)["settings"]
    except (OSError, ValueError, KeyError):
        return
    values = live_config(generation).settings.get(module, {})
    wrong = [misfit for misfit in misfits(values, schema) if misfit.path[:1] == each.path[1:2]]
    if wrong or not _is_read(each.path[1], schema):
        expected = wrong[0].expected if wrong else ", ".join(sorted(properties_of(schema)))
        raise _refusal("rules", (each,), profile, f"{each.key}: {expected}")


def _is_read(key: str, schema: Mapping[str, Any]) -> bool:
    anything = schema.get("patternProperties") or schema.get("additionalProperties", False)
    return key in properties_of(schema) or bool(anything)


def _refusal(
    obstacle: str, chosen: tuple[EditedSetting, ...], profile: Path | None = None, at: str = ""
) -> NotAdoptedError:
    lines = "\n".join(lines_for(each.path, each.live) for each in chosen if not each.is_secret)
    return NotAdoptedError(
        profile=str(profile) if profile else "-", obstacle=obstacle, at=at, lines=lines
    )


def _diff(profile: Path, before: str, after: str) -> Iterator[str]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for line in difflib.unified_diff(old, new, f"a/{profile.name}", f"b/{profile.name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
