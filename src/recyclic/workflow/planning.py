"""The chain from a resolution, or a config.toml, to a plan with everything at hand to apply it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from recyclic.apply.materials import Materials, gather
from recyclic.apply.paheko import observe_paheko, open_host
from recyclic.apply.requirements import lock_requirements, python_asks
from recyclic.apply.step import Wheels
from recyclic.model.diagnostic import Diagnostic
from recyclic.model.installed import Installed
from recyclic.model.observed import Observed
from recyclic.model.package import OriginKind, Package, PackageKind
from recyclic.model.resolution import Resolution
from recyclic.model.site_config import SiteConfig
from recyclic.plan.plan import Plan, make_plan
from recyclic.plan.target import host_table, site_config
from recyclic.site.layout import Site
from recyclic.site.observe import observe_site
from recyclic.workflow.inputs import Inputs
from recyclic.workflow.resolving import Resolved

if TYPE_CHECKING:
    from recyclic.paheko.extension_host import PahekoExtensionHost


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
    host: "PahekoExtensionHost | None" = None
    warnings: tuple[Diagnostic, ...] = ()
    about: dict[str, str] = field(default_factory=dict)


def plan_resolution(resolved: Resolved, wheels: Wheels, *, lock_python: bool = True) -> Planned:
    """What would get the site to the resolution. Looks at the host; changes nothing.

    Args:
        lock_python: Ask uv for a lock of the modules' Python requirements; without, the plan
            keeps the lock that the site has.

    Raises:
        CodeMissingError, UnsafeTreeError: the code to install is not usable.
        ConflictingRequirementsError, RequirementsUnavailableError: Python's side has no answer.
        PahekoError: the Paheko that the profile names cannot be read.
    """
    inputs = resolved.inputs
    site = Site(inputs.site_root)
    materials = gather(
        resolved.resolution,
        inputs=tuple(Path(path) for path in inputs.request.files),
        requirements=_requirements(resolved, site, wheels if lock_python else None),
    )
    host = open_host({"paheko": host_table(inputs.request.paheko)} if inputs.request.paheko else {})
    erased = [erasure.package.name for erasure in inputs.request.erasures]
    plan = make_plan(
        inputs.installed,
        resolved.resolution,
        inputs.request,
        observed_now(site, resolved.resolution, inputs.installed, host, erased),
        materials.artifacts,
    )
    return Planned(
        plan, materials, site, remembered(inputs), host, resolved.warnings, about(inputs)
    )


def config_of(resolved: Resolved, wheels: Wheels | None) -> SiteConfig:
    """The config.toml that applying would write, as far as it is known without the code of
    releases that are elsewhere; the Python requirements are checked unless ``wheels`` is None.

    Raises:
        ConflictingRequirementsError, RequirementsUnavailableError: Python's side has no answer.
    """
    site = Site(resolved.inputs.site_root)
    requirements = _requirements(resolved, site, wheels)
    here = {
        package: release
        for package, release in resolved.resolution.releases.items()
        if release.origin.kind is not OriginKind.INDEX
    }
    known = replace(resolved.resolution, releases=here)
    artifacts = gather(known, requirements=requirements).artifacts
    return site_config(resolved.resolution, resolved.inputs.request, artifacts)


def _requirements(resolved: Resolved, site: Site, wheels: Wheels | None) -> str | None:
    """The lock of the modules' Python requirements, the site's own where it still answers."""
    number = site.current_number()
    file = site.generation(number).requirements
    previous = file.read_text(encoding="utf-8") if number and file.is_file() else None
    if wheels is None:
        return previous
    return lock_requirements(python_asks(resolved.resolution), wheels, previous=previous)


def observed_now(
    site: Site,
    resolution: Resolution,
    installed: Installed,
    host: "PahekoExtensionHost | None",
    erased: Iterable[str] = (),
) -> Observed:
    """The site's disk, and what Paheko has of the extensions that are or will be its own, or whose
    data is to go."""
    observed = observe_site(site)
    if host is None:
        return observed
    wanted = {package.name for package in resolution.versions if _is_extension(package)}
    had = set(installed.config.paheko_versions) if installed.config else set()
    return replace(observed, paheko=observe_paheko(host, wanted | had | set(erased)))


def _is_extension(package: Package) -> bool:
    return package.kind is PackageKind.EXTENSION


def remembered(inputs: Inputs) -> dict[str, str]:
    """The file a command started from, as the generation remembers it."""
    return {"kind": inputs.target.kind.value, "path": str(inputs.target.path.absolute())}


def about(inputs: Inputs) -> dict[str, str]:
    """Facts for the receipt: the git commit of the file, when it is in a repository."""
    from recyclic.workflow.commit import commit_of

    commit = commit_of(inputs.target.path)
    return {"commit": commit} if commit else {}
