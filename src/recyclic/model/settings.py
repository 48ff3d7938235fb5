"""Settings in layers: which file's value wins, and which lost to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recyclic.model.diagnostic import Place


@dataclass(frozen=True, slots=True)
class LayeredValue:
    """One setting's final value and its history.

    Attributes:
        value: The raw TOML value; a secret stays the reference it was written as
            (``{"env": NAME}`` or ``{"file": PATH}``).
        place: The line that won.
        layer: ``profile``, ``bundle`` or ``module`` (a schema's default), with the name after
            a colon: ``bundle:socle``.
        lost: The values it beat, nearest first, each ``(value, place, layer)``.
    """

    value: Any
    place: Place
    layer: str
    lost: tuple[tuple[Any, Place, str], ...] = ()


SettingsByModule = Mapping[str, Mapping[str, LayeredValue]]
"""Module name, then top-level key of that module's settings."""


def is_secret_reference(value: object) -> bool:
    """True for ``{ env = "NAME" }`` and ``{ file = "/path" }``, the only forms of a secret."""
    return (
        isinstance(value, dict)
        and len(value) == 1
        and next(iter(value)) in ("env", "file")
        and isinstance(next(iter(value.values())), str)
    )


def lay_under(upper: LayeredValue | None, value: Any, place: Place, layer: str) -> LayeredValue:
    """``upper`` with ``value`` as what it falls back to; two tables are laid key by key."""
    if upper is None:
        return LayeredValue(value, place, layer)
    laid = merge_tables(upper.value, value)
    return LayeredValue(laid, upper.place, upper.layer, (*upper.lost, (value, place, layer)))


def merge_tables(upper: Any, lower: Any) -> Any:
    """``upper`` where it says something, ``lower`` where only that does.

    A secret's reference is one value: it is never mixed with another.
    """
    if not (isinstance(upper, dict) and isinstance(lower, dict)):
        return upper
    if is_secret_reference(upper) or is_secret_reference(lower):
        return upper
    merged = {
        key: merge_tables(value, lower[key]) if key in lower else value
        for key, value in upper.items()
    }
    return merged | {key: value for key, value in lower.items() if key not in upper}
