"""Contracts between modules, at work: payloads against the schemas that manifests name."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import orjson
from jsonschema_rs import Draft202012Validator

from recyclic.events.bus import RejectEventError
from recyclic.events.errors import SchemaMismatchError
from recyclic.events.event import Event
from recyclic.model.package import EventContract
from recyclic.model.settings_schema import schema_validator

Call = Callable[[Event], Awaitable[Any]]


class Contracts:
    """What each module emits and consumes, by its manifest. Made once, before the bus starts."""

    def __init__(self) -> None:
        self._emits: dict[tuple[str, str], tuple[int, Draft202012Validator | None]] = {}
        self._consumes: dict[tuple[str, str], Draft202012Validator] = {}

    def add(
        self, module: str, emits: Iterable[EventContract], consumes: Iterable[EventContract]
    ) -> None:
        """Add one module's contracts."""
        for contract in emits:
            self._emits[module, contract.name] = contract.version, _validator(contract)
        for contract in consumes:
            validator = _validator(contract)
            if validator is not None:
                self._consumes[module, contract.name] = validator

    def check_emitted(self, module: str, event: str, data: bytes) -> int:
        """The version under which ``module`` emits; 1 where its manifest says nothing.

        Raises:
            SchemaMismatchError: the payload is not what the manifest promises.
        """
        version, validator = self._emits.get((module, event), (1, None))
        if validator is not None:
            mistake = _first_mistake(validator, orjson.loads(data))
            if mistake:
                raise SchemaMismatchError(event=event, version=version, reason=mistake)
        return version

    def before_handling(self, module: str, event: str, call: Call) -> Call:
        """``call``, given only payloads that ``module`` understands; others are rejected."""
        validator = self._consumes.get((module, event))
        if validator is None:
            return call

        async def checked(delivered: Event) -> Any:
            mistake = _first_mistake(validator, delivered.payload)
            if mistake:
                raise RejectEventError(f"version {delivered.version} does not fit: {mistake}")
            return await call(delivered)

        return checked


def _validator(contract: EventContract) -> Draft202012Validator | None:
    return None if contract.schema is None else schema_validator(contract.schema)


def _first_mistake(validator: Draft202012Validator, payload: Any) -> str:
    """The first mistake by place, in one line, or ""."""
    if validator.is_valid(payload):
        return ""
    mistakes = sorted(
        validator.iter_errors(payload), key=lambda one: [str(part) for part in one.instance_path]
    )
    place = ".".join(str(part) for part in mistakes[0].instance_path)
    return f"{place}: {mistakes[0].message}" if place else mistakes[0].message
