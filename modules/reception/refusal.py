"""Why the reception says no: a code for programs, a sentence for people."""

from enum import Enum
from typing import Any


class Reason(Enum):
    """A closed list; the value is the HTTP status, and the words in English and French."""

    NO_SUCH_DEPOSIT = (
        404,
        "There is no deposit {deposit_id}.",
        "Il n'y a pas de dépôt {deposit_id}.",
    )
    KEY_REUSED = (
        409,
        "This Idempotency-Key was used for another request, the deposit {deposit_id}.",
        "Cette Idempotency-Key a servi à une autre demande, le dépôt {deposit_id}.",
    )
    IS_A_CORRECTION = (
        409,
        "The deposit {deposit_id} is a correction itself.",
        "Le dépôt {deposit_id} est lui-même une correction.",
    )
    UNKNOWN_CATEGORY = (
        422,
        "There is no category {category}; there are {known}.",
        "Il n'y a pas de catégorie {category} ; il y a {known}.",
    )
    WEIGHT_TOO_LARGE = (
        422,
        "{weight_g} grams is more than a line takes here, {max_g}.",
        "{weight_g} grammes, c'est plus qu'une ligne n'accepte ici, {max_g}.",
    )

    @property
    def code(self) -> str:
        """What programs compare with: ``key_reused``."""
        return self.name.lower()

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.value[0]

    def words(self, language: str, facts: dict[str, Any]) -> str:
        """The sentence, in French for ``fr``, else in English."""
        template = self.value[2] if language == "fr" else self.value[1]
        return template.format_map(facts)


class ReceptionRefusalError(Exception):
    """The reception refused, and nothing changed; ``facts`` fill the words of ``reason``."""

    def __init__(self, reason: Reason, **facts: Any) -> None:
        super().__init__(reason.code, facts)
        self.reason = reason
        self.facts = facts
