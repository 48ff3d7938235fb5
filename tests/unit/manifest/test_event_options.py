"""[events] in a profile knows exactly the options that the bus has."""

from dataclasses import fields
from typing import get_args

from recyclic.events.bus import Durability
from recyclic.events.settings import BusSettings
from recyclic.manifest.wire import EventBusWire


def test_every_option_of_the_bus_can_be_written() -> None:
    """And no other."""
    options = EventBusWire.model_fields.keys() - {"url", "operators"}
    assert options == {each.name for each in fields(BusSettings)}


def test_durabilities_are_those_of_the_bus() -> None:
    """Spelt the same."""
    (names, _) = get_args(EventBusWire.model_fields["durability"].annotation)
    assert set(get_args(names)) == {each.value for each in Durability}


def test_defaults_can_be_written_out() -> None:
    """What the bus has by default, a profile may say."""
    defaults = BusSettings()
    table = {each.name: getattr(defaults, each.name) for each in fields(BusSettings)}
    table["durability"] = defaults.durability.value
    assert EventBusWire.model_validate(table).max_attempts == defaults.max_attempts
