"""The chain from inputs to a checked resolution."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recyclic.catalog.order import boot_order
from recyclic.catalog.rules import check_resolution
from recyclic.catalog.settings import lay_settings
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, has_errors
from recyclic.model.resolution import Resolution
from recyclic.resolve.errors import NoSolutionError
from recyclic.resolve.outdated import far_behind
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.problem import Problem
from recyclic.resolve.proof import proof_of_answer, proof_of_refusal
from recyclic.resolve.resolve import resolve
from recyclic.workflow.fix import chosen_fix, write_fix
from recyclic.workflow.inputs import Inputs, read_inputs
from recyclic.workflow.target import Target, Wanted


@dataclass(frozen=True, slots=True)
class Resolved:
    """A resolution that the rules accept: ordered, with settings.

    Attributes:
        warnings: What the rules noticed and did not refuse.
    """

    inputs: Inputs
    resolution: Resolution
    warnings: tuple[Diagnostic, ...] = ()


CIRCLE = "RCY-C002"
"""Modules need each other in a circle: versions can be chosen, and nothing can be booted."""


def resolve_inputs(
    inputs: Inputs, preferences: Preferences, *, circles_stop: bool = True
) -> Resolved:
    """Resolve, lay the settings, check the rules, order the modules.

    Args:
        circles_stop: False where only the versions are asked for: a circle of modules is then
            among the warnings, and the order is empty.

    Raises:
        NoSolutionError: no set of versions satisfies the request.
        DiagnosticsError: there is one, and a rule refuses it; all findings at once.
    """
    resolution = resolve(
        inputs.request, inputs.catalog, inputs.host, preferences, clock=time.monotonic
    )
    laid = replace(resolution, settings=lay_settings(resolution, inputs.request))
    findings = check_resolution(laid, inputs.request)
    circles = [found for found in findings if found.code == CIRCLE]
    if has_errors(found for found in findings if circles_stop or found.code != CIRCLE):
        raise DiagnosticsError(findings)
    order = () if circles else boot_order(laid)
    old = far_behind(inputs.request, inputs.catalog, inputs.host, preferences, resolution)
    return Resolved(inputs, replace(laid, order=order), (*findings, *old))


def resolve_fixing(
    target: Target, wanted: Wanted, preferences: Preferences, number: int
) -> tuple[Resolved, tuple[Path, ...]]:
    """Write the ``number``-th fix of a request that has no solution, then resolve what it says.

    Returns the resolution and the files changed; none when there was a solution already.

    Raises:
        NoSuchFixError, UnwritableFixError: nothing was written.
    """
    try:
        return resolve_target(target, wanted, preferences), ()
    except NoSolutionError as error:
        changed = write_fix(chosen_fix(error.fixes, number))
        return resolve_target(target, wanted, preferences), changed


def resolve_target(
    target: Target, wanted: Wanted, preferences: Preferences, *, circles_stop: bool = True
) -> Resolved:
    """The chain from the files to a checked resolution that keeps what is installed."""
    inputs = read_inputs(target, wanted)
    kept = preferring_installed(inputs, preferences)
    return resolve_inputs(inputs, kept, circles_stop=circles_stop)


def proof(inputs: Inputs, preferences: Preferences) -> dict[str, Any]:
    """What an independent checker needs, for an answer and for a refusal alike."""
    kept = preferring_installed(inputs, preferences)
    problem = Problem(inputs.request, inputs.catalog, inputs.host, kept)
    try:
        resolution = resolve(inputs.request, inputs.catalog, inputs.host, kept)
    except NoSolutionError as error:
        return proof_of_refusal(problem, error)
    return proof_of_answer(problem, resolution)


def preferring_installed(inputs: Inputs, preferences: Preferences) -> Preferences:
    """``preferences`` with what the site has now as what to keep."""
    installed = inputs.installed
    return replace(
        preferences,
        installed=installed.versions,
        displaced=installed.displaced,
        before=installed.before,
    )
