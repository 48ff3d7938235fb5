"""Every kind of step by its name: how a journal's lines become steps again."""

from collections.abc import Mapping
from typing import Any

from recyclic.apply.errors import JournalTooNewError
from recyclic.apply.journal import JOURNAL_FORMAT
from recyclic.apply.step import Step
from recyclic.apply.steps.data import RestoreData, SnapshotData
from recyclic.apply.steps.environment import BuildEnvironment
from recyclic.apply.steps.generation import FlushGeneration, LinkCode, MakeGeneration
from recyclic.apply.steps.host import (
    CheckHost,
    CheckHostAgain,
    PlaceModule,
    ReloadBack,
    ReloadHost,
    SnapshotHost,
    StageExtension,
    VerifyHost,
)
from recyclic.apply.steps.host_change import ChangeHost, EraseExtensions
from recyclic.apply.steps.removal import RemoveSite
from recyclic.apply.steps.serving import BootBeside, HandOver, VerifyServing
from recyclic.apply.steps.store import StoreCode
from recyclic.apply.steps.switch import SwitchCurrent

_KINDS: Mapping[str, type[Any]] = {
    each.kind: each
    for each in (
        StoreCode,
        MakeGeneration,
        LinkCode,
        BuildEnvironment,
        FlushGeneration,
        SwitchCurrent,
        CheckHost,
        CheckHostAgain,
        StageExtension,
        SnapshotHost,
        PlaceModule,
        ReloadBack,
        ReloadHost,
        ChangeHost,
        EraseExtensions,
        VerifyHost,
        SnapshotData,
        RestoreData,
        BootBeside,
        HandOver,
        VerifyServing,
        RemoveSite,
    )
}


def step_from_json(document: Mapping[str, Any], path: str) -> Step:
    """The step that ``step_json`` wrote; ``path`` is the journal's, for the error.

    Raises:
        JournalTooNewError: a kind, or a field of it, that this version does not know.
    """
    values = dict(document)
    kind = _KINDS.get(str(values.pop("kind", "")))
    if kind is None:
        raise JournalTooNewError(path=path, found=document.get("kind"), known=JOURNAL_FORMAT)
    try:
        step: Step = kind(**values)
    except TypeError as error:
        raise JournalTooNewError(path=path, found=dict(document), known=JOURNAL_FORMAT) from error
    return step
