"""How long a site will not serve while a plan is applied: an estimate, said as one."""

from collections.abc import Iterable

from recyclic.model.observed import Observed
from recyclic.plan.host_changes import HostChange

_EXCHANGE_S = 0.1
_EXCHANGE_BYTES_PER_S = 30e6
"""Measured: 20 MB in 0.7 s, 200 MB in 7 s, on a disk that others were using too."""


def expected_downtime_s(host: Iterable[HostChange], observed: Observed) -> float:
    """Seconds. What the last apply of this site took, when it is known and was of this kind.

    A site whose modules change is moved over without stopping. Paheko is served while its
    extensions are changed on a draft; only the exchange of its database keeps people waiting.
    """
    if not any(change.is_needed for change in host):
        return 0.0
    if observed.last_downtime_s:
        return round(observed.last_downtime_s, 1)
    database = observed.paheko.database_bytes if observed.paheko else 0
    return round(_EXCHANGE_S + database / _EXCHANGE_BYTES_PER_S, 1)
