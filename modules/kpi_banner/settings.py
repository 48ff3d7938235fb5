"""The settings of the banner, as module.toml describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class BannerSettings:
    """What this site decided."""

    title: str
    zone: ZoneInfo
    currency: str
    keep_days: int

    @classmethod
    def decode(cls, config: Mapping[str, Any]) -> Self:
        """From the module's settings; what is absent has module.toml's default.

        Raises:
            ZoneInfoNotFoundError: no such time zone.
        """
        return cls(
            title=config.get("title", "Ressourcerie"),
            zone=ZoneInfo(config.get("timezone", "Europe/Paris")),
            currency=config.get("currency", "EUR"),
            keep_days=config.get("keep_days", 800),
        )
