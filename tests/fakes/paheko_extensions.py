"""Small plugins and Brindille modules for tests; real PHP that both a real Paheko and the
stand-in understand."""

from collections.abc import Sequence
from pathlib import Path

_HEAD = "<?php\nnamespace Paheko;\n"
_PAGE = """<?php
namespace Paheko;
$tpl->display(PLUGIN_ROOT . '/templates/index.tpl');
"""


def sql(statement: str) -> str:
    """PHP that executes one SQL statement."""
    escaped = statement.replace("'", "\\'")
    return f"DB::getInstance()->exec('{escaped}');"


def write_plugin(
    folder: Path,
    name: str,
    version: str,
    *,
    install: Sequence[str] = (),
    upgrade: Sequence[str] = (),
    uninstall: Sequence[str] = (),
    page: str | None = None,
    more: str = "",
) -> Path:
    """Write plugin ``name`` into ``folder/name`` and return that.

    Args:
        install, upgrade, uninstall: PHP statements, one each; no file when empty.
        page: Text of its page at ``/admin/p/NAME/``, or None for no page.
        more: More lines for plugin.ini.
    """
    tree = folder / name
    tree.mkdir(parents=True)
    (tree / "plugin.ini").write_text(f'name="{name.title()}"\nversion="{version}"\n{more}')
    for file, statements in (("install", install), ("upgrade", upgrade), ("uninstall", uninstall)):
        if statements:
            (tree / f"{file}.php").write_text(_HEAD + "\n".join(statements) + "\n")
    if page is not None:
        (tree / "admin").mkdir()
        (tree / "templates").mkdir()
        (tree / "admin" / "index.php").write_text(_PAGE)
        (tree / "templates" / "index.tpl").write_text(f"<p>{page}</p>\n")
    return tree


def write_module(folder: Path, name: str, more: str = "") -> Path:
    """Write Brindille module ``name`` into ``folder/name`` and return that."""
    tree = folder / name
    tree.mkdir(parents=True)
    (tree / "module.ini").write_text(f'name="{name.title()}"\n{more}')
    (tree / "index.html").write_text(f"<p>{name}</p>\n")
    return tree
