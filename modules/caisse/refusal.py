"""Why the till says no: a code for programs, a sentence for people."""

from recyclic.kit.refusal import Reason


class TillReason(Reason):
    """A closed list."""

    NO_SUCH_SESSION = (
        404, "There is no till session {session_id}.", "Il n'y a pas de session {session_id}.",
    )  # fmt: skip
    NO_SUCH_SALE = (404, "There is no sale {sale_id}.", "Il n'y a pas de vente {sale_id}.")
    TILL_ALREADY_OPEN = (
        409,
        "The till {till} is already open, as session {session_id}.",
        "La caisse {till} est déjà ouverte : session {session_id}.",
    )
    SESSION_CLOSED = (
        409,
        "The session {session_id} was closed at {closed_at}; open a new one.",
        "La session {session_id} a été clôturée à {closed_at} ; ouvrez-en une nouvelle.",
    )
    KEY_REUSED = (
        409,
        "This Idempotency-Key was used for another request, the sale {sale_id}.",
        "Cette Idempotency-Key a servi à une autre demande, la vente {sale_id}.",
    )
    PAYMENTS_UNBALANCED = (
        422,
        "The payments make {paid_cents} cents, the sale {total_cents}.",
        "Les paiements font {paid_cents} centimes, la vente {total_cents}.",
    )
    CHANGE_WITHOUT_CASH = (
        422,
        "{change_cents} cents of change are due but only {cash_cents} came in cash.",
        "Il y a {change_cents} centimes à rendre, mais seulement {cash_cents} en espèces.",
    )
    PAYMENT_SIGN = (
        422,
        "A sale is paid with positive amounts, a refund with negative ones.",
        "Une vente se paie en montants positifs, un remboursement en montants négatifs.",
    )
    DISCOUNT_TOO_LARGE = (
        422,
        "A discount of {discount_cents} cents is more than the {price_cents} it is taken from.",
        "La remise de {discount_cents} centimes dépasse le prix, {price_cents}.",
    )
    DISCOUNT_ON_REFUND = (
        422,
        "A discount on the whole sale needs a sale without returned lines.",
        "Une remise sur toute la vente demande une vente sans ligne reprise.",
    )
    AMOUNT_TOO_LARGE = (
        422,
        "{total_cents} cents is more than this till takes at once, {max_cents}.",
        "{total_cents} centimes, c'est plus que ce que cette caisse accepte, {max_cents}.",
    )
    UNKNOWN_CATEGORY = (
        422,
        "There is no category {category}; there are {known}.",
        "Il n'y a pas de catégorie {category} ; il y a {known}.",
    )
    METHOD_REFUSED = (
        422,
        "This till does not take {method}; it takes {known}.",
        "Cette caisse n'accepte pas {method} ; elle accepte {known}.",
    )
    REFUND_WITH_SALE = (
        422,
        "A refund of an earlier sale has returned lines only (negative quantities).",
        "Le remboursement d'une vente n'a que des lignes reprises (quantités négatives).",
    )
    REFUND_OF_REFUND = (
        422, "The sale {sale_id} is a refund itself.", "La vente {sale_id} est un remboursement.",
    )  # fmt: skip
    REFUND_TOO_LARGE = (
        422,
        "Of the sale {sale_id}, only {left_cents} cents are left to refund.",
        "De la vente {sale_id}, il reste {left_cents} centimes à rembourser.",
    )
