"""Where one Paheko is, whom it belongs to, and which PHP runs it."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from recyclic.model.profile import PahekoHost
from recyclic.paheko.errors import (
    PahekoConfigMissingError,
    PahekoNotFoundError,
    PhpMissingError,
    WrongUserError,
)
from recyclic.paheko.process import SystemUser
from recyclic.paheko.yunohost import APPS, find_app


@dataclass(frozen=True, slots=True)
class PahekoLocation:
    """One Paheko on this machine; every path absolute and existing.

    Attributes:
        root: The folder that holds ``bin/paheko``.
        config: Its configuration. Given to every command: with none, or a missing one, Paheko
            falls back to default folders, possibly another site's.
        php: The PHP command.
        user: The system user its web server runs as, or None for ours.
        site: Which site of a multi-site Paheko, or None.
        url: Where strangers find its pages, or None when nobody said.
        url_is_required: Somebody said so in the profile, and they have to open.
        reload: The command that makes its web server forget old code; empty for none.
    """

    root: Path
    config: Path
    php: Path
    user: SystemUser | None = None
    site: str | None = None
    url: str | None = None
    url_is_required: bool = False
    reload: tuple[str, ...] = ()


def locate(host: PahekoHost, yunohost_apps: Path = APPS) -> PahekoLocation:
    """The Paheko that a profile names.

    On YunoHost its user, its PHP and its address need not be named: they are taken from YunoHost's
    settings.

    Raises:
        PahekoNotFoundError, PahekoConfigMissingError, PhpMissingError, WrongUserError: When a
            part of it is missing, or belongs to someone we cannot act as.
    """
    root = _source_root(Path(host.root))
    config = Path(host.config) if host.config else root / "config.local.php"
    if not config.is_file():
        raise PahekoConfigMissingError(config=str(config))
    app = find_app(root, yunohost_apps)
    return PahekoLocation(
        root=root,
        config=config.resolve(),
        php=find_php(host.php or (app.php if app else None)),
        user=_user(host.user or (app.name if app else None), config),
        site=host.site,
        url=host.url or (app.url if app else None),
        url_is_required=host.url is not None,
        reload=host.reload,
    )


def _source_root(root: Path) -> Path:
    for candidate in (root, root / "src"):
        if (candidate / "bin" / "paheko").is_file():
            return candidate.resolve()
    raise PahekoNotFoundError(root=str(root), missing=str(root / "bin" / "paheko"))


def find_php(name: str | None) -> Path:
    """The PHP command of that name or path (``php`` when None).

    Raises:
        PhpMissingError: When it cannot be run.
    """
    found = shutil.which(name or "php")
    if found is None:
        raise PhpMissingError(php=name or "php")
    return Path(found).absolute()


def _user(name: str | None, config: Path) -> SystemUser | None:
    """The named user, or None for ours; a name that is not ours needs root."""
    if name is None:
        return None
    try:
        user = SystemUser.named(name)
    except KeyError:
        raise WrongUserError(path=str(config), owner=name, user=our_name()) from None
    if os.geteuid() not in (user.uid, 0):
        raise WrongUserError(path=str(config), owner=name, user=our_name())
    return user


def our_name() -> str:
    """Whom we run as, for people."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
