"""The settings of the reception, as module.toml describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class ReceptionSettings:
    """What this site decided; ``categories`` is empty for anything."""

    zone: ZoneInfo
    categories: frozenset[str]
    max_weight_g: int

    @classmethod
    def decode(cls, config: Mapping[str, Any]) -> Self:
        """From the module's settings; what is absent has module.toml's default.

        Raises:
            ZoneInfoNotFoundError: no such time zone.
        """
        return cls(
            zone=ZoneInfo(config.get("timezone", "Europe/Paris")),
            categories=frozenset(config.get("categories", ())),
            max_weight_g=config.get("max_weight_g", 5_000_000),
        )
