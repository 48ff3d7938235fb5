"""Why the synchronisation says no: a code for programs, a sentence for people."""

from recyclic.kit.refusal import Reason


class SyncReason(Reason):
    """A closed list."""

    NO_SUCH_SESSION = (
        404,
        "No session {session_id} was closed here.",
        "Aucune session {session_id} n'a été clôturée ici.",
    )
    NO_PAHEKO = (
        409,
        "No Paheko is configured: set url and the account in [settings.paheko_sync].",
        "Aucun Paheko n'est configuré : indiquez url et le compte dans [settings.paheko_sync].",
    )
    NOT_POSTED = (
        502,
        "The session {session_id} was not posted: {reason}",
        "La session {session_id} n'a pas été comptabilisée : {reason}",
    )
