"""Everything a resolution starts from: request, catalog, host and what is installed."""

import platform
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic import __version__
from recyclic.manifest.load import (
    CatalogSource,
    SourceKind,
    catalog_source,
    default_sources,
    load_bundle,
    load_catalog,
    load_config,
    load_profile,
)
from recyclic.model.catalog import Catalog
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.installed import Installed
from recyclic.model.names import InvalidNameError, SiteName
from recyclic.model.package import Release, Requirement
from recyclic.model.profile import Request
from recyclic.resolve.preferences import HostFacts
from recyclic.site.generations import read_installed
from recyclic.site.layout import Site
from recyclic.workflow.observe import paheko_version
from recyclic.workflow.target import Target, TargetKind, Wanted, as_typed, site_folder


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything one resolution starts from.

    Attributes:
        site_root: The folder of the site, there or not.
        files: Every file that decided something, for approvals and provenance.
    """

    target: Target
    request: Request
    catalog: Catalog
    host: HostFacts
    site_root: Path
    installed: Installed = field(default_factory=Installed)


def read_inputs(target: Target, wanted: Wanted) -> Inputs:
    """Read the bundle or profile, open the catalog, look at the host.

    Raises:
        DiagnosticsError: everything that is wrong in the files.
        InvalidNameError: ``--site`` is no name for a site.
    """
    request, named = _request(target, wanted)
    site = SiteName(wanted.site) if wanted.site else SiteName(request.site)
    request = replace(request, site=site)
    site_root = site_folder(target.project, site, wanted.instance)
    return Inputs(
        target=target,
        request=request,
        catalog=load_catalog(_sources(target, request, wanted), named),
        host=host_facts(request),
        site_root=site_root,
        installed=read_installed(Site(site_root)),
    )


def site_root(target: Target, wanted: Wanted) -> Path | None:
    """The folder of the site that a file is for, read as little as it takes; None when the file
    itself is wrong, which whoever reads it next will tell."""
    try:
        return site_made_from(target, wanted)
    except (DiagnosticsError, InvalidNameError):
        return None


def site_made_from(target: Target, wanted: Wanted) -> Path:
    """The folder of the site that a file is for, there or not.

    Raises:
        DiagnosticsError: everything that is wrong in the file.
        InvalidNameError: ``--site`` is no name for a site.
    """
    if target.kind is TargetKind.CONFIG:
        site = wanted.site or load_config(target.path).site
    else:
        site = wanted.site or _request(target, wanted)[0].site
    return site_folder(target.project, site, wanted.instance)


def host_facts(request: Request) -> HostFacts:
    """The versions of recyclic, this Python, and Paheko where the profile names one."""
    return HostFacts(
        core=Version(__version__),
        python=Version(platform.python_version()),
        paheko=paheko_version(request.paheko) if request.paheko else None,
    )


def _request(target: Target, wanted: Wanted) -> tuple[Request, list[Release]]:
    """The request, and the bundle file's release when one was named."""
    if target.kind is TargetKind.PROFILE:
        return load_profile(target.path), []
    bundle = load_bundle(target.path)
    exactly = Requirement(bundle.package, SpecifierSet(f"==={bundle.version}"), bundle.place)
    profile = profile_of(target.project, wanted.site)
    if profile is None:
        site = wanted.site or _site_name(bundle)
        return Request(site=site, bundle=exactly, files=(str(target.path),)), [bundle]
    request = load_profile(profile)
    return replace(request, bundle=exactly, files=(str(target.path), *request.files)), [bundle]


def _site_name(bundle: Release) -> str:
    """A site that was given no name is called like its bundle."""
    return bundle.package.name


def profile_of(project: Path, site: str | None) -> Path | None:
    """The profile that ``--site NAME`` names beside the bundle, if there is one."""
    if site is None:
        return None
    name = SiteName(site)
    for folder in ("profiles", "bundles/profiles"):
        if (project / folder / f"{name}.toml").is_file():
            return project / folder / f"{name}.toml"
    return None


def project_sources(target: Target) -> list[CatalogSource]:
    """The folders of the file's own project, then of the one the user stands in, when another."""
    here = Path.cwd()
    projects = [as_typed(target.project, here)]
    if target.project != here:
        projects.append(Path())
    sources = [source for project in projects for source in default_sources(project)]
    return list(dict.fromkeys(sources))


def _sources(target: Target, request: Request, wanted: Wanted) -> list[CatalogSource]:
    """``--catalog`` names all sources but bundles: those beside the file, and those in the
    project's ``bundles/``, can always be asked for and included."""
    beside = target.path.absolute().parent
    if wanted.catalogs:
        folders = dict.fromkeys([beside, target.project / "bundles"])
        return [
            *(catalog_source(path) for path in wanted.catalogs),
            *(CatalogSource(SourceKind.BUNDLES, each) for each in folders if each.is_dir()),
        ]
    own = [catalog_source(beside / source) for source in request.catalog_sources]
    hosts = [catalog_source(Path(request.paheko.root))] if request.paheko else []
    return [
        *project_sources(target),
        *own,
        *hosts,
        CatalogSource(SourceKind.BUNDLES, beside),
    ]
