"""The chain from inputs to a checked resolution."""

from dataclasses import dataclass, replace

from recyclic.catalog.order import boot_order
from recyclic.catalog.rules import check_resolution
from recyclic.catalog.settings import lay_settings
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, has_errors
from recyclic.model.resolution import Resolution
from recyclic.resolve.preferences import Preferences
from recyclic.resolve.resolve import resolve
from recyclic.workflow.inputs import Inputs


@dataclass(frozen=True, slots=True)
class Resolved:
    """A resolution that the rules accept: ordered, with settings.

    Attributes:
        warnings: What the rules noticed and did not refuse.
    """

    inputs: Inputs
    resolution: Resolution
    warnings: tuple[Diagnostic, ...] = ()


def resolve_inputs(inputs: Inputs, preferences: Preferences) -> Resolved:
    """Resolve, lay the settings, check the rules, order the modules.

    Raises:
        NoSolutionError: no set of versions satisfies the request.
        DiagnosticsError: there is one, and a rule refuses it; all findings at once.
    """
    resolution = resolve(inputs.request, inputs.catalog, inputs.host, preferences)
    laid = replace(resolution, settings=lay_settings(resolution, inputs.request))
    findings = check_resolution(laid, inputs.request)
    if has_errors(findings):
        raise DiagnosticsError(findings)
    return Resolved(inputs, replace(laid, order=boot_order(laid)), tuple(findings))


def preferring_installed(inputs: Inputs, preferences: Preferences) -> Preferences:
    """``preferences`` with what the site has now as what to keep."""
    return replace(preferences, installed=inputs.installed.versions)
