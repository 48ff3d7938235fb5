"""The chain from a resolution, or a config.toml, to a plan with everything at hand to apply it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recyclic.apply.host import ExtensionHost
from recyclic.apply.materials import Materials, gather
from recyclic.apply.step import Wheels
from recyclic.model.diagnostic import Diagnostic
from recyclic.model.observed import Observed
from recyclic.plan.plan import Plan, make_plan
from recyclic.site.layout import Site
from recyclic.workflow.inputs import Inputs
from recyclic.workflow.resolving import Resolved


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and everything it takes to carry it out.

    Attributes:
        target: ``{"kind": "bundle", "path": ...}``, remembered with the generation.
        host: The Paheko to drive, or None where extensions are deferred.
    """

    plan: Plan
    materials: Materials
    site: Site
    target: dict[str, str]
    host: ExtensionHost | None = None
    warnings: tuple[Diagnostic, ...] = ()
    about: dict[str, str] = field(default_factory=dict)


def plan_resolution(resolved: Resolved, wheels: Wheels) -> Planned:
    """What would get the site to the resolution. Looks at the host; changes nothing.

    Raises:
        CodeMissingError, UnsafeTreeError: the code to install is not usable.
        ConflictingRequirementsError, RequirementsUnavailableError: Python's side has no answer.
    """
    inputs = resolved.inputs
    site = Site(inputs.site_root)
    files = tuple(Path(path) for path in inputs.request.files)
    materials = gather(resolved.resolution, inputs=files)
    host = None
    del wheels
    plan = make_plan(
        inputs.installed,
        resolved.resolution,
        inputs.request,
        Observed(),
        materials.artifacts,
    )
    return Planned(
        plan, materials, site, remembered(inputs), host, resolved.warnings, about(inputs)
    )


def remembered(inputs: Inputs) -> dict[str, str]:
    """The file a command started from, as the generation remembers it."""
    return {"kind": inputs.target.kind.value, "path": str(inputs.target.path.absolute())}


def about(inputs: Inputs) -> dict[str, Any]:
    """Facts for the receipt: the git commit of the file, when it is in a repository."""
    from recyclic.workflow.commit import commit_of

    commit = commit_of(inputs.target.path)
    return {"commit": commit} if commit else {}
