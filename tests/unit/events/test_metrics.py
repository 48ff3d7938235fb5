"""Counts add up, and what is written of them is what Prometheus reads."""

import json

from prometheus_client.parser import text_string_to_metric_families

from recyclic.events.exposition import exposition
from recyclic.events.metrics import Family, Kind, Sample, counted
from recyclic.events.observer import Observer


def an_observer() -> Observer:
    observer = Observer()
    observer.emitted["sold"] += 3
    observer.emit_failures += 1
    counts = observer.handling["books", "sold"]
    counts.handled += 2
    for seconds in (0.0005, 0.3, 120.0):
        counts.took(seconds)
    return observer


def test_counts_of_two_processes_add_up() -> None:
    """Also on their way through JSON."""
    whole = Observer()
    for _ in range(2):
        whole.add(json.loads(json.dumps(an_observer().plain())))
    assert (whole.emitted["sold"], whole.emit_failures) == (6, 2)
    counts = whole.handling["books", "sold"]
    assert (counts.handled, sum(counts.buckets), counts.seconds) == (4, 6, 2 * 120.3005)


def test_prometheus_reads_what_is_written() -> None:
    """Names, labels, kinds and values come back from the parser of Prometheus's own library."""
    families = list(counted(an_observer()))
    read = {one.name: one for one in text_string_to_metric_families(exposition(families))}
    assert read.keys() == {one.name for one in families}
    assert read["recyclic_events_emitted"].samples[0].value == 3
    times = read["recyclic_handler_seconds"]
    assert times.type == "histogram"
    buckets = [one.value for one in times.samples if one.name.endswith("_bucket")]
    assert buckets == sorted(buckets)
    by_name = {one.name: one for one in times.samples}
    assert by_name["recyclic_handler_seconds_count"].value == buckets[-1] == 3
    assert by_name["recyclic_handler_seconds_sum"].labels == {"module": "books", "event": "sold"}


def test_odd_labels_are_escaped() -> None:
    """Quotes, backslashes and line ends are part of the value."""
    odd = 'a "b" \\ c\nd'
    text = exposition([Family("x", Kind.GAUGE, "X.", [Sample(1.5, (("name", odd),))])])
    [family] = text_string_to_metric_families(text)
    assert family.samples[0].labels == {"name": odd}
    assert family.samples[0].value == 1.5
