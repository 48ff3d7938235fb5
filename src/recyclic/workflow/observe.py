"""What is there now: the site's current generation, and what it was applied from."""

import json
from pathlib import Path

from packaging.version import Version

from recyclic.model.profile import PahekoHost
from recyclic.site.layout import Site
from recyclic.workflow.target import Target, TargetKind, Wanted, find_site, project_of


def paheko_version(host: PahekoHost) -> Version:
    """The version of the Paheko that a profile names, as its database records it. Reads only."""
    # Loaded for sites that have a Paheko, as the rest of its driver.
    from recyclic.paheko.installation import PahekoInstallation
    from recyclic.paheko.location import locate

    return Version(PahekoInstallation(locate(host)).state().version)


def last_target(start: Path, wanted: Wanted) -> Target | None:
    """The file the site was last applied from, when a site is found and remembers it."""
    return applied_from(Site(find_site(start, wanted.site, wanted.instance)))


def applied_from(site: Site, *, generation: int | None = None) -> Target | None:
    """The file that the live generation, or another one, was applied from; None when it is not
    known."""
    number = site.current_number() if generation is None else generation
    if not number:
        return None
    try:
        document = json.loads(site.generation(number).plan.read_text(encoding="utf-8"))
        target = document["target"]
        path = Path(target["path"])
        return Target(TargetKind(target["kind"]), path, project_of(path))
    except (OSError, ValueError, KeyError, TypeError):
        return None
