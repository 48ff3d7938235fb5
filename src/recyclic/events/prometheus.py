"""The bus's metrics for a process that exposes its own with ``prometheus_client``.

A site that ``recyclic serve`` serves needs none of this: it has ``/metrics``.
"""

from collections.abc import Iterable, Sequence

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from recyclic.events.metrics import Family, Kind, Lagging, counted, in_hand, lagging
from recyclic.events.site_bus import SiteBus


class BusCollector(Collector):
    """Registers with ``REGISTRY.register(BusCollector(bus))``.

    Attributes:
        groups: How modules stand at the server, set anew by whoever asks it
            (:func:`~recyclic.events.streams.survey.survey`); empty for this process's counts.
    """

    def __init__(self, bus: SiteBus) -> None:
        self._bus = bus
        self.groups: Sequence[Lagging] = ()

    def collect(self) -> Iterable[Metric]:
        """All families, now."""
        health = self._bus.health()
        families = (
            *counted(self._bus.observer),
            *in_hand(int(health.connected), health.in_hand),
            *lagging(self.groups),
        )
        return [_metric(family) for family in families]


def _metric(family: Family) -> Metric:
    metric = Metric(family.name, family.meaning, family.kind.value)
    suffix = "_total" if family.kind is Kind.COUNTER else ""
    for sample in family.samples:
        name = family.name + suffix + sample.suffix
        metric.add_sample(name, dict(sample.labels), sample.value)
    return metric
