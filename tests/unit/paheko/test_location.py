"""Finding a Paheko, its configuration, its PHP and its user; YunoHost's too."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from recyclic.model.diagnostic import Place
from recyclic.model.profile import PahekoHost
from recyclic.paheko.environment import parse_environment
from recyclic.paheko.errors import (
    PahekoConfigMissingError,
    PahekoNotFoundError,
    PahekoPageError,
    PahekoRefusedError,
    PhpMissingError,
    WrongUserError,
)
from recyclic.paheko.location import locate
from recyclic.paheko.pages import check_page, complaint
from recyclic.paheko.server import Page
from recyclic.paheko.yunohost import find_app

ENVIRONMENT = """API_PASSWORD: "very secret"
DATA_ROOT: "/srv/paheko \\"quoted\\"/data"
DB_FILE: "/srv/data/association.sqlite"
FILE_STORAGE_BACKEND: "FileSystem"
FILE_STORAGE_CONFIG: "/srv/data/files"
PLUGINS_ALLOWLIST: ["caisse", "taima"]
PLUGINS_BLOCKLIST: null
PLUGINS_ROOT: "/srv/data/plugins"
ROOT: "/srv/paheko"
SHARED_USER_TEMPLATES_CACHE_ROOT: "/srv/cache/a"
SMARTYER_CACHE_ROOT: "/srv/cache/b"
USER_TEMPLATES_CACHE_ROOT: "/srv/cache/c"
VERSION: "1.3.22.1"
WWW_URL: "https://asso.example.org/paheko/"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The files by which a Paheko is recognised."""
    folder = tmp_path / "paheko"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "paheko").touch()
    (folder / "config.local.php").write_text("<?php\n")
    return folder


def host(root: Path, **more: str) -> PahekoHost:
    """A profile's host; our Python stands for PHP unless another is named."""
    return replace(PahekoHost(str(root), Place("profile.toml"), php=sys.executable), **more)  # type: ignore[arg-type]


def test_the_source_may_lie_in_src(root: Path, tmp_path: Path) -> None:
    """As it does in a checkout."""
    (tmp_path / "checkout").mkdir()
    root.rename(tmp_path / "checkout" / "src")
    assert locate(host(tmp_path / "checkout")).root == tmp_path / "checkout" / "src"


def test_what_is_missing_is_named(root: Path) -> None:
    """Each with an error of its own."""
    with pytest.raises(PahekoNotFoundError):
        locate(host(root / "elsewhere"))
    with pytest.raises(PhpMissingError):
        locate(host(root, php="no-such-php"))
    with pytest.raises(WrongUserError):
        locate(host(root, user="no-such-user"))
    with pytest.raises(PahekoConfigMissingError):
        locate(host(root, config=str(root / "other.php")))
    (root / "config.local.php").unlink()
    with pytest.raises(PahekoConfigMissingError):
        locate(host(root))


YUNOHOST_SETTINGS = """_permissions:
  api:
    allowed:
    - visitors
    url: /api/*
  main:
    allowed:
    - visitors
    url: /
data_dir: /home/yunohost.app/paheko
domain: asso.example.org
helpers_version: '2.1'
id: {name}
install_dir: {root}
install_time: 1763600000
path: {path}
php_version: '8.3'
smtp_password: not ours to read
"""
"""As YunoHost 12 writes them for its app paheko (packaging format 2, helpers 2.1)."""


@pytest.mark.parametrize(
    ("path", "url"),
    [("/", "https://asso.example.org/"), ("/paheko", "https://asso.example.org/paheko/")],
)
def test_yunohost_tells_the_user_the_php_and_the_address(
    path: str, url: str, root: Path, tmp_path: Path
) -> None:
    """From its own settings of the app, which a second one has in its own name."""
    apps = tmp_path / "apps"
    (apps / "paheko__2").mkdir(parents=True)
    (apps / "paheko__2" / "settings.yml").write_text(
        YUNOHOST_SETTINGS.format(root=root, path=path, name="paheko__2")
    )
    app = find_app(root, apps)
    assert app is not None
    assert (app.name, app.php, app.url) == ("paheko__2", "php8.3", url)
    assert find_app(tmp_path, apps) is None
    assert find_app(root, tmp_path / "no-such-folder") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as the app's user")
def test_what_the_profile_names_goes_before_yunohost(root: Path, tmp_path: Path) -> None:
    """PHP and address; an address of the profile's has to open, YunoHost's is only looked at."""
    apps = tmp_path / "apps"
    (apps / "nobody").mkdir(parents=True)
    (apps / "nobody" / "settings.yml").write_text(
        YUNOHOST_SETTINGS.format(root=root, path="/", name="nobody")
    )
    found = locate(host(root), apps)
    assert found.user is not None
    assert found.user.name == "nobody"
    assert found.php == Path(sys.executable)
    assert (found.url, found.url_is_required) == ("https://asso.example.org/", False)
    named = locate(host(root, url="http://127.0.0.1/p/"), apps)
    assert (named.url, named.url_is_required) == ("http://127.0.0.1/p/", True)


def test_what_paheko_says_of_itself_is_read_without_its_passwords() -> None:
    """Lists, quotes and null as Paheko prints them."""
    found = parse_environment(ENVIRONMENT)
    assert found.data_root == Path('/srv/paheko "quoted"/data')
    assert found.allowlist == frozenset({"caisse", "taima"})
    assert found.blocklist is None
    assert found.documents == Path("/srv/data/files")
    assert found.modules_root == Path("/srv/paheko/modules")
    assert found.host_name == "asso.example.org"
    assert "very secret" not in repr(found)


def test_a_page_instead_of_an_answer_is_told() -> None:
    """A multi-site configuration may print one, with status 0."""
    with pytest.raises(PahekoRefusedError) as failure:
        parse_environment("<h2>Impossible de créer le lien</h2>\n<p>Vous pouvez</p>")
    assert "Impossible" in failure.value.facts["said"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<section><header><h1>Error</h1><h2>half &lt;way&gt;</h2></header>", "Error half <way>"),
        (" /!\\ RuntimeException \nhalf way\n", "RuntimeException half way"),
        ('<p class="block error">\n\thalf way\n</p>', "half way"),
        ("<h1>Extensions</h1>", ""),
    ],
)
def test_complaints_are_found_on_pages(text: str, said: str) -> None:
    """In the shapes Paheko has for them."""
    assert complaint(Page(200, text)) == said


def test_a_page_is_only_well_when_we_were_let_in() -> None:
    """Redirections to the log-in or to an upgrade are not."""
    check_page("/admin/", Page(200, ""))
    check_page("/admin/p/caisse/", Page(302, "", "/admin/p/caisse/session.php"))
    for page in (
        Page(500, ""),
        Page(302, "", "https://asso.example.org/admin/login.php"),
        Page(302, "", "/admin/upgrade.php"),
    ):
        with pytest.raises(PahekoPageError):
            check_page("/admin/", page)
