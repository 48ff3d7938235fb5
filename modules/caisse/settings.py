"""The settings of the till, as module.toml describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from zoneinfo import ZoneInfo

from .pricing import Method


@dataclass(frozen=True, slots=True)
class TillSettings:
    """What this site decided.

    Attributes:
        categories: What a line may be; empty for anything.
    """

    currency: str
    zone: ZoneInfo
    categories: frozenset[str]
    methods: frozenset[Method]
    max_amount_cents: int

    @classmethod
    def decode(cls, config: Mapping[str, Any]) -> Self:
        """From the module's settings; what is absent has module.toml's default.

        Raises:
            ZoneInfoNotFoundError, ValueError: no such time zone, or no such way to pay.
        """
        return cls(
            currency=config.get("currency", "EUR"),
            zone=ZoneInfo(config.get("timezone", "Europe/Paris")),
            categories=frozenset(config.get("categories", ())),
            methods=frozenset(map(Method, config.get("payment_methods", Method))),
            max_amount_cents=config.get("max_amount_cents", 1_000_000),
        )
