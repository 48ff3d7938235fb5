"""Settings in layers: which file's value wins, and which lost to it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
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
        inner: Of a table, each of its keys with a history of its own; empty for all else.
    """

    value: Any
    place: Place
    layer: str
    lost: tuple[tuple[Any, Place, str], ...] = ()
    inner: Mapping[str, "LayeredValue"] = field(default_factory=dict)

    def leaves(
        self, path: tuple[str, ...] = ()
    ) -> Iterator[tuple[tuple[str, ...], "LayeredValue"]]:
        """Every value that is no table, or an empty one, by its path of keys below this."""
        if not self.inner:
            yield path, self
        for key, value in sorted(self.inner.items()):
            yield from value.leaves((*path, key))


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


PlaceOf = Callable[[tuple[str, ...]], Place]
"""The line of a key within a setting's table; of ``()``, the setting's own line."""


def lay_under(
    upper: LayeredValue | None, value: Any, place_of: PlaceOf, layer: str
) -> LayeredValue:
    """``upper`` with ``value`` as what it falls back to; two tables are laid key by key."""
    lower = _layered(value, place_of, layer, ())
    return lower if upper is None else _laid_over(upper, lower)


def _layered(value: Any, place_of: PlaceOf, layer: str, path: tuple[str, ...]) -> LayeredValue:
    table = value if _is_table(value) else {}
    inner = {key: _layered(each, place_of, layer, (*path, key)) for key, each in table.items()}
    return LayeredValue(value, place_of(path), layer, inner=inner)


def _laid_over(upper: LayeredValue, lower: LayeredValue) -> LayeredValue:
    lost = (*upper.lost, (lower.value, lower.place, lower.layer), *lower.lost)
    laid = merge_tables(upper.value, lower.value)
    if not (_is_table(upper.value) and _is_table(lower.value)):
        return LayeredValue(laid, upper.place, upper.layer, lost, upper.inner)
    both = {
        key: _laid_over(value, lower.inner[key]) if key in lower.inner else value
        for key, value in upper.inner.items()
    }
    return LayeredValue(laid, upper.place, upper.layer, lost, {**lower.inner, **both})


def _is_table(value: object) -> bool:
    """True for what is laid key by key: a secret's reference is one value, never mixed."""
    return isinstance(value, dict) and not is_secret_reference(value)


def merge_tables(upper: Any, lower: Any) -> Any:
    """``upper`` where it says something, ``lower`` where only that does."""
    if not (_is_table(upper) and _is_table(lower)):
        return upper
    merged = {
        key: merge_tables(value, lower[key]) if key in lower else value
        for key, value in upper.items()
    }
    return merged | {key: value for key, value in lower.items() if key not in upper}
