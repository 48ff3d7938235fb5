"""How long a site will not serve while a plan is applied: an estimate, said as one."""

from collections.abc import Iterable

from recyclic.model.observed import Observed
from recyclic.plan.host_changes import HostChange

_PAHEKO_STEP_S = 0.6
_SNAPSHOT_BYTES_PER_S = 100e6


def expected_downtime_s(host: Iterable[HostChange], observed: Observed) -> float:
    """Seconds. What the last apply of this site took, when it is known and was of this kind.

    A site whose modules change is moved over without stopping: only Paheko's extensions, which
    change under its feet, cost time: about 0.6 s each and a copy of the database.
    """
    needed = sum(change.is_needed for change in host)
    if not needed:
        return 0.0
    if observed.last_downtime_s:
        return round(observed.last_downtime_s, 1)
    database = observed.paheko.database_bytes if observed.paheko else 0
    return round(needed * _PAHEKO_STEP_S + database / _SNAPSHOT_BYTES_PER_S, 1)
