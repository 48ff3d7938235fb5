"""How hard a law is tried: the same examples on every run, so that a failure is everyone's."""

from hypothesis import HealthCheck, settings

_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

law = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=_QUIET)
hard_law = settings(law, max_examples=40)
