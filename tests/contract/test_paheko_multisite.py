"""One Paheko with several sites: the right one is changed. Needs real PHP in its configuration."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes.paheko_benches import REAL, Bench, make_bench
from tests.fakes.paheko_extensions import write_plugin

from recyclic.model.package import ExtensionKind
from recyclic.paheko.database import content_digest, read_state
from recyclic.paheko.database_change import ExpectedExtension
from recyclic.paheko.errors import SiteNameNeededError
from recyclic.paheko.extension_host import PahekoExtensionHost
from recyclic.paheko.installation import PahekoInstallation
from recyclic.paheko.location import locate
from recyclic.site.tree import tree_hash

_CONFIG = """<?php
namespace Paheko;
const SECRET_KEY = 'bench-secret-key-0123456789abcdef0123456789';
const DISABLE_INSTALL_PING = true;
const DISABLE_EMAIL = true;
$given = PHP_SAPI === 'cli' ? ($_SERVER['PAHEKO_FACTORY_USER'] ?? '') : $_SERVER['SERVER_NAME'];
$site = strtok($given, '.');
if (!$site || !is_dir('{folder}/sites/' . $site)) {
    echo "Unknown factory user\\n";
    exit(1);
}
define('Paheko\\DATA_ROOT', '{folder}/sites/' . $site);
define('Paheko\\WWW_URL', 'https://' . $site . '.asso.test/');
define('Paheko\\WWW_URI', '/');
"""


@pytest.fixture(params=[REAL])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """A Paheko with the sites lyon and paris, told apart as farms do it."""
    made = make_bench(request.param, tmp_path)
    (tmp_path / "sites" / "paris" / "plugins").mkdir(parents=True)
    (tmp_path / "sites" / "paris" / "association.sqlite").write_bytes(made.database.read_bytes())
    made.data.rename(tmp_path / "sites" / "lyon")
    made.config.write_text(_CONFIG.replace("{folder}", str(tmp_path)))
    return made


def test_only_the_named_site_is_changed(bench: Bench) -> None:
    """By commands and by pages; the other one keeps every row."""
    paris, lyon = (
        bench.folder / "sites" / name / "association.sqlite" for name in ("paris", "lyon")
    )
    before = content_digest(paris)
    location = locate(replace(bench.host, site="lyon"))
    host = PahekoExtensionHost(PahekoInstallation(location), tree_hash)
    host.stage("lab_one", write_plugin(bench.sources, "lab_one", "1.0", page="Hello"))
    host.put_in_place("lab_one", ExtensionKind.PLUGIN)
    host.enable("lab_one")
    host.verify({"lab_one": ExpectedExtension(True, "1.0")})
    assert read_state(lyon).plugins["lab_one"].enabled
    assert content_digest(paris) == before


def test_which_site_must_be_said(bench: Bench) -> None:
    """Otherwise nothing is guessed."""
    with pytest.raises(SiteNameNeededError):
        bench.installation().state()
