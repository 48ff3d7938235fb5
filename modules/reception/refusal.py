"""Why the reception says no: a code for programs, a sentence for people."""

from recyclic.kit.refusal import Reason


class ReceptionReason(Reason):
    """A closed list."""

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
