"""``config FILE``: exactly what a config.toml says, resolving nothing."""

from dataclasses import replace
from pathlib import Path

from recyclic.apply.errors import CodeMissingError
from recyclic.apply.materials import check_exact, gather
from recyclic.apply.paheko import open_host
from recyclic.apply.requirements import lock_requirements, python_asks
from recyclic.apply.step import Wheels
from recyclic.manifest.load import (
    CatalogSource,
    SourceKind,
    catalog_source,
    load_catalog,
    load_config,
)
from recyclic.model.catalog import Catalog
from recyclic.model.diagnostic import Place
from recyclic.model.package import Package, PackageKind, Release
from recyclic.model.resolution import Resolution
from recyclic.model.site_config import SiteConfig
from recyclic.plan.exact import exact_request, exact_resolution
from recyclic.plan.plan import make_plan
from recyclic.site.generations import read_installed
from recyclic.site.layout import Site
from recyclic.workflow.inputs import project_sources
from recyclic.workflow.planning import Planned, observed_now
from recyclic.workflow.target import Target, Wanted, site_folder


def plan_config(target: Target, wanted: Wanted, wheels: Wheels, *, lock_python: bool) -> Planned:
    """The plan that brings the site to the very versions, order, settings and hashes of a file.

    Raises:
        CodeMissingError: a release it names is not in the catalog.
        HashMismatchError: the code at hand is other code under the same version.
    """
    config = load_config(target.path)
    if wanted.site:
        config = replace(config, site=wanted.site)
    place = Place(str(target.path))
    resolution = _with_code(exact_resolution(config, place, {}), _catalog(target, wanted))
    request = exact_request(config, place)
    site = Site(site_folder(target.project, config.site, wanted.instance))
    requirements = _requirements(target, config, resolution, wheels) if lock_python else None
    materials = gather(resolution, inputs=(target.path,), requirements=requirements)
    check_exact(config, materials)
    host = open_host(config.hosts)
    installed = read_installed(site)
    plan = make_plan(
        installed,
        resolution,
        request,
        observed_now(site, resolution, installed, host),
        materials.artifacts,
    )
    remembered = {"kind": target.kind.value, "path": str(target.path.absolute())}
    return Planned(plan, materials, site, remembered, host)


def exact_answer(path: Path) -> Resolution:
    """The resolution that a config.toml stands for."""
    return exact_resolution(load_config(path), Place(str(path)), {})


def _catalog(target: Target, wanted: Wanted) -> Catalog:
    if wanted.catalogs:
        return load_catalog([catalog_source(path) for path in wanted.catalogs])
    beside = CatalogSource(SourceKind.FOLDER, target.path.absolute().parent)
    return load_catalog([*project_sources(target), beside])


def _with_code(resolution: Resolution, catalog: Catalog) -> Resolution:
    """``resolution`` with the catalog's releases of modules and extensions in it."""
    found = {
        package: _release(catalog, package, release)
        for package, release in resolution.releases.items()
    }
    return replace(resolution, releases=found)


def _release(catalog: Catalog, package: Package, release: Release) -> Release:
    if package.kind is PackageKind.BUNDLE:
        return release
    if release.version not in catalog.versions(package):
        raise CodeMissingError(
            package=str(package), version=str(release.version), origin=str(release.place)
        )
    return catalog.release(package, release.version)


def _requirements(
    target: Target, config: SiteConfig, resolution: Resolution, wheels: Wheels
) -> str | None:
    """The lock beside the config.toml, or a new one where none lies there."""
    beside = target.path.parent / "requirements.lock"
    previous = beside.read_text(encoding="utf-8") if beside.is_file() else None
    if config.requirements_hash is None:
        return None
    return lock_requirements(python_asks(resolution), wheels, previous=previous)
