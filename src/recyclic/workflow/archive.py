"""``pack`` and ``apply ARCHIVE``: a site's whole need in one file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from recyclic.apply.pack import unpack
from recyclic.apply.paheko import open_host
from recyclic.apply.step import Wheels
from recyclic.model.diagnostic import Place
from recyclic.plan.exact import exact_request, exact_resolution
from recyclic.plan.plan import make_plan
from recyclic.site.generations import read_installed
from recyclic.site.layout import Site
from recyclic.workflow.planning import Planned, observed_now
from recyclic.workflow.target import Wanted, project_of, site_folder


@contextmanager
def planned_archive(path: Path, wanted: Wanted) -> Iterator[tuple[Planned, Wheels]]:
    """The plan to what an archive holds, and where its wheels are; both last as long as this.

    Every hash in the archive was checked before anything of it is used; no network is.

    Raises:
        HostileArchiveError, ArchiveUnreadableError, ArtifactRefusedError: see ``unpack``.
    """
    with TemporaryDirectory(prefix="recyclic-unpack-") as temporary:
        unpacked = unpack(path, Path(temporary) / "archive")
        name = wanted.site or unpacked.config.site
        config = replace(unpacked.config, site=name)
        place = Place(str(path))
        site = Site(site_folder(project_of(path), name, wanted.instance))
        resolution = exact_resolution(config, place, {})
        installed = read_installed(site)
        host = open_host(config.hosts)
        plan = make_plan(
            installed,
            resolution,
            exact_request(config, place),
            observed_now(site, resolution, installed, host),
            unpacked.materials.artifacts,
        )
        remembered = {"kind": "archive", "path": str(path.absolute())}
        wheels = Wheels(offline=True, folders=(unpacked.wheels,) if unpacked.wheels else ())
        yield Planned(plan, unpacked.materials, site, remembered, host), wheels
