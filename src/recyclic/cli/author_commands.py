"""For authors and operators: module new/check/test, schema, doctor."""

from pathlib import Path
from typing import Annotated

import typer

from recyclic.cli import options
from recyclic.cli.exit_codes import ExitCode
from recyclic.cli.help_page import GroupHelp
from recyclic.cli.language import _
from recyclic.cli.options import READS, verb

module_app = typer.Typer(
    cls=GroupHelp,
    help=READS + _("Write, check and test a module."),
    short_help=_("Write, check and test a module."),
    no_args_is_help=True,
    rich_markup_mode=None,
)

Modules = Annotated[Path, typer.Option("--dir", metavar="DIR", help=_("The folder of modules."))]
ModuleName = Annotated[str, typer.Argument(metavar="NAME", help=_("The module's name."))]
DEFAULT_MODULES = Path("modules")


def mount(app: typer.Typer) -> None:
    """Register these verbs."""
    verb(module_app, "new", READS, _("Begin a module, in a new folder, that passes its tests."))(
        new
    )
    verb(module_app, "check", READS, _("Find what is wrong in a module's manifest."))(check)
    verb(module_app, "test", READS, _("Run a module's own tests."))(test)
    app.add_typer(module_app, name="module")
    verb(app, "doctor", READS, _("Look at everything outside that a site needs."))(doctor)
    verb(app, "schema", READS, _("Print a JSON Schema, or write all of them."))(schema)


def new(name: ModuleName, directory: Modules = DEFAULT_MODULES) -> None:
    """Write the beginning of a module: manifest, code, tests."""
    from recyclic.scaffold.new_module import new_module

    made = new_module(name, directory)
    print(_("Written: {folder}").format(folder=made.folder))
    for file in made.files:
        print(f"  {file}")
    print(_("Next: recyclic module test {name}").format(name=made.name))


def check(
    name: ModuleName, directory: Modules = DEFAULT_MODULES, json: options.Json = False
) -> None:
    """Every mistake of the module's files, at its line and column."""
    from recyclic.cli import checking

    if not checking.check_files([directory / name], as_json=json):
        raise typer.Exit(ExitCode.REFUSED)


def test(
    name: ModuleName,
    directory: Modules = DEFAULT_MODULES,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- PYTEST...]", help=_("Given to pytest."), show_default=False),
    ] = None,
) -> None:
    """Run pytest on the module's tests, with the fixtures of recyclic.testing."""
    from recyclic.cli.module_testing import run_module_tests

    raise typer.Exit(run_module_tests(name, directory, arguments or []))


def schema(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[KIND]",
            help=_("module, bundle, profile, index or config."),
            show_default=False,
        ),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write", metavar="DIR", help=_("Write all schemas there."), show_default=False
        ),
    ] = None,
) -> None:
    """The schema that editors use through the ``#:schema`` line of a file."""
    from recyclic.cli.schemas import print_schemas

    print_schemas(kind, write)


def doctor(
    target: options.TargetWords = None,
    site: options.Site = None,
    instance: options.Instance = None,
    catalog: options.Catalogs = None,
    json: options.Json = False,
    kill_every_step: Annotated[
        bool,
        typer.Option(
            "--kill-every-step",
            help=_(
                "Install the target in a sandbox, kill -9 at every operation, recover, compare."
            ),
        ),
    ] = False,
) -> None:
    """Python, uv, permissions, disk, clock, journal, history, store, Paheko, the event server."""
    from recyclic.cli import examining
    from recyclic.workflow.target import Wanted

    wanted = Wanted(site, instance, tuple(catalog or ()))
    asked = options.told_apart(target, "doctor")
    if kill_every_step:
        well = examining.kill_test(asked, wanted, as_json=json)
    else:
        well = examining.show_health_of_machine(wanted, as_json=json)
    if not well:
        raise typer.Exit(ExitCode.REFUSED)
