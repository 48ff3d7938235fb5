"""A module is added to a site that is served and has sold things before: it is given all of them or
none, as it chose, and from then on everything, also what is sold while it comes in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.event_servers import VALKEY, running
from tests.fakes.served_till import handled, loaded, until, write_till
from tests.integration.cli.command import Done, recyclic, write_bundle
from tests.integration.served_site import served

LISTENER = """
from pathlib import Path

from recyclic import ModuleBase


class Listener(ModuleBase):
    async def startup(self, app, config):
        {more}
        self.book = Path(config["_data_dir"]) / "book"

    def register_signals(self, bus):
        bus.on("sold", self.note{options})

    async def note(self, number: int) -> None:
        with self.book.open("a") as file:
            file.write(f"{{number}}\\n")


MODULE_CLASS = Listener
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project with a till, applied, with its events on a server of its own."""
    write_till(tmp_path / "modules", "1.0")
    (tmp_path / "profiles").mkdir()
    with running(VALKEY, tmp_path / "server") as server:
        (tmp_path / "profiles/shop.toml").write_text(
            f'site = "shop"\nbundle = "shop"\n[events]\nurl = "{server.url}"\n'
        )
        first = apply(tmp_path, "till")
        assert first.status == 0, first.err
        yield tmp_path


def apply(project: Path, *modules: str) -> Done:
    write_bundle(project, "shop", "[modules]\n" + "".join(f'{one} = "*"\n' for one in modules))
    return recyclic(project, "apply", "profile", "shop", "--yes")


def write_listener(project: Path, name: str, options: str = "", more: str = "") -> None:
    folder = project / "modules" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "module.toml").write_text(
        f'name = "{name}"\nversion = "1.0"\n[events]\nconsumes = ["sold"]\n'
    )
    (folder / "__init__.py").write_text(LISTENER.format(options=options, more=more))


def test_all_or_nothing_of_what_was_sold_before(project: Path) -> None:
    """Under load, with two workers. A generation that is refused leaves no trace: nothing is kept
    for its modules, and what is sold until they come after all is from before. What comes while one
    generation hands over to the next is handled by the new modules as well."""
    site = project / ".recyclic/shop"
    write_listener(project, "meter", ', start="now"')
    write_listener(project, "archive", more="raise RuntimeError('broken')")
    with served(project, "--workers", "2", "--grace", "5") as address:
        with loaded(address) as load:
            assert apply(project, "till", "meter", "archive").status == 3
            groups = recyclic(project, "events", "groups", "--json").document["groups"]
            history = set(load.sold)
            write_listener(project, "archive")
            done = apply(project, "till", "meter", "archive")
            assert done.status == 0, done.err
            later = max(load.sold)
            until(lambda: max(load.sold) > later + 50, "sales to the second generation")
        until(lambda: load.sold <= handled(site, "archive").keys(), "what archive is to have: all")
        until(lambda: max(load.sold) in handled(site, "meter"), "what meter is to have")
        first = min(handled(site, "meter"))
        wanted = {number for number in load.sold if number >= first}
        until(lambda: wanted <= handled(site, "meter").keys(), "all of it")
    assert load.failures == []
    assert {one["module"] for one in groups} == {"till"}
    assert max(history) < first <= later + 1, "nothing from before, and no gap after"
