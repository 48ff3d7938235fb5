"""How hard a law is tried: the same examples on every run, so that a failure is everyone's.

``RECYCLIC_HUNT=5000 pytest tests/property`` goes looking instead: that many examples of each law,
others on every run.
"""

import os

from hypothesis import HealthCheck, settings

_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
_HUNT = int(os.environ.get("RECYCLIC_HUNT", "0"))

law = settings(
    max_examples=_HUNT or 80,
    derandomize=not _HUNT,
    deadline=None,
    print_blob=bool(_HUNT),
    suppress_health_check=_QUIET,
)
hard_law = settings(law, max_examples=_HUNT // 2 or 40)
