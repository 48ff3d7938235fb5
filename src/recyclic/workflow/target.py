"""What a command is about: which file, which project, which site's folder."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from recyclic.errors import RecyclicError
from recyclic.model.names import SiteName

SYSTEM_SITES = Path("/var/lib/recyclic")
"""Where an installed machine keeps its sites, each in a folder of its own."""


class TargetKind(StrEnum):
    """The three kinds of file a command can start from."""

    BUNDLE = "bundle"
    PROFILE = "profile"
    CONFIG = "config"


class UnknownFileError(RecyclicError):
    """No bundle or profile of that name. Facts: ``kind``, ``name``, ``folder``, ``known``."""

    code = "RCY-U002"


class SiteNotNamedError(RecyclicError):
    """Several sites, none named. Facts: ``count``, ``known``."""

    code = "RCY-U004"


class NoSiteError(RecyclicError):
    """Nothing was applied in that folder. Facts: ``folder``."""

    code = "RCY-U005"


@dataclass(frozen=True, slots=True)
class Target:
    """The file a command starts from.

    Attributes:
        path: As the user would type it: relative where it was given so.
        project: The folder that holds ``bundles/``, ``modules/`` and ``.recyclic/``.
    """

    kind: TargetKind
    path: Path
    project: Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says besides the file.

    Attributes:
        catalogs: Sources for this run, instead of the default ones; empty for those.
    """

    site: str | None = None
    instance: Path | None = None
    catalogs: tuple[Path, ...] = ()


_FOLDERS = {
    TargetKind.BUNDLE: ("bundles",),
    TargetKind.PROFILE: ("profiles", "bundles/profiles"),
    TargetKind.CONFIG: (),
}


def project_of(path: Path) -> Path:
    """The project a bundle or profile lies in: the folder above ``bundles/`` and ``profiles/``."""
    folder = path.absolute().parent
    while folder.name in ("bundles", "profiles") and folder != folder.parent:
        folder = folder.parent
    return folder


def find_target(kind: TargetKind, text: str, start: Path) -> Target:
    """The file that ``text`` names: a path, or a name in the project's folder for that kind.

    Raises:
        UnknownFileError: nothing of that name; the names that are there are among its facts.
    """
    given = Path(text)
    folders = [start / folder for folder in _FOLDERS[kind]]
    candidates = [given if given.is_absolute() else start / given]
    names = [text] if text.endswith(".toml") else [text, f"{text}.toml"]
    candidates += [folder / name for folder in folders for name in names]
    if kind is TargetKind.CONFIG:
        candidates += [start / f"{text}.toml"]
    for candidate in candidates:
        # A folder or a device is told apart, with its own code, when it is read.
        if candidate.exists() or candidate.is_symlink():
            return Target(kind, as_typed(candidate, start), project_of(candidate))
    known = sorted({file.stem for folder in folders for file in folder.glob("*.toml")})
    raise UnknownFileError(
        kind=kind.value,
        name=text,
        folder=str(folders[0]) if folders else str(start),
        known=known,
    )


def as_typed(path: Path, start: Path) -> Path:
    """``path`` relative to where the user stands when it is below: what they would type."""
    return path.relative_to(start) if path.is_relative_to(start) else path


def site_folder(project: Path, site: str, instance: Path | None) -> Path:
    """Where a site lives: ``--instance``, else ``/var/lib/recyclic/SITE`` when that is there,
    else ``.recyclic/SITE`` in the project."""
    if instance is not None:
        return instance.absolute()
    installed = SYSTEM_SITES / SiteName(site)
    return installed if installed.is_dir() else project / ".recyclic" / SiteName(site)


def find_site(start: Path, site: str | None, instance: Path | None) -> Path:
    """The folder of the site a verb is about: named, or the only one there is.

    Looks in ``.recyclic/`` here and in every folder above, then in ``/var/lib/recyclic``.

    Raises:
        SiteNotNamedError: several sites and no name. NoSiteError: none.
    """
    if instance is not None:
        return _present(instance.absolute())
    if site is not None:
        return _present(_named_site(start, SiteName(site)))
    for folder in [*(parent / ".recyclic" for parent in _upward(start)), SYSTEM_SITES]:
        known = sorted(child for child in _children(folder) if _is_site(child))
        # One that was taken away left its history; it only counts where there is no other.
        found = [child for child in known if (child / "current").is_symlink()] or known
        if len(found) == 1:
            return found[0]
        if found:
            raise SiteNotNamedError(count=len(found), known=[child.name for child in found])
    raise NoSiteError(folder=str(start / ".recyclic"))


def _named_site(start: Path, site: str) -> Path:
    for parent in _upward(start):
        if _is_site(parent / ".recyclic" / site):
            return parent / ".recyclic" / site
    installed = SYSTEM_SITES / site
    return installed if _is_site(installed) else start / ".recyclic" / site


def _upward(start: Path) -> list[Path]:
    return [start, *start.parents]


def _children(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _is_site(folder: Path) -> bool:
    return (folder / "generations").is_dir() or (folder / "journal").is_dir()


def _present(folder: Path) -> Path:
    if not _is_site(folder):
        raise NoSiteError(folder=str(folder))
    return folder
