"""``recyclic serve``: boot the site's current generation."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from recyclic.cli.language import _
from recyclic.cli.options import CHANGES, Instance, Site, SiteWords

_HELP = CHANGES + _(
    "Boot the site's current generation and serve it until SIGTERM or Ctrl-C. "
    "SIGHUP changes to the current generation without losing a request."
)

Host = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help=_("The address to listen on."))
]
Port = Annotated[
    int,
    typer.Option("--port", metavar="N", min=0, max=65535, help=_("0 takes any free port.")),
]
Workers = Annotated[
    int, typer.Option("--workers", metavar="N", min=1, max=256, help=_("Worker processes."))
]
Grace = Annotated[
    float,
    typer.Option(
        "--grace",
        metavar="SECONDS",
        min=0.0,
        help=_("How long requests, and then event handlers, may take to finish at the end."),
    ),
]
Proxy = Annotated[
    bool,
    typer.Option(
        "--i-have-a-proxy",
        help=_(
            "A proxy with authentication stands in front: allow an address others can reach, "
            "and believe its X-Forwarded headers."
        ),
    ),
]
AccessLog = Annotated[bool, typer.Option("--access-log", help=_("Log every request."))]


def serve(
    target: SiteWords = None,
    site: Site = None,
    instance: Instance = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
    grace: Grace = 20.0,
    i_have_a_proxy: Proxy = False,
    access_log: AccessLog = False,
) -> None:
    from recyclic.cli.recovering import recover_folder
    from recyclic.cli.session import site_wanted
    from recyclic.runtime.server import ServeOptions
    from recyclic.runtime.server import serve as serve_site
    from recyclic.site.layout import Site as SiteFolder
    from recyclic.workflow.target import find_site

    wanted = site_wanted(target, "serve", site, instance)
    root = find_site(Path.cwd(), wanted.site, wanted.instance)
    recover_folder(SiteFolder(root))
    options = ServeOptions(
        host=host,
        port=port,
        workers=workers,
        grace_s=grace,
        has_proxy=i_have_a_proxy,
        access_log=access_log,
    )
    serve_site(root, options, worker_module="recyclic.cli.serve_worker", on_ready=_say_ready)


serve.__doc__ = _HELP


def _say_ready(status: Mapping[str, Any]) -> None:
    """The address on standard output; what is not running, on standard error."""
    report = status["report"] or {}
    print(_("Serving {site} at {address}").format_map(status), flush=True)
    for name, module in sorted(report.get("modules", {}).items()):
        if module["reason"]:
            print(f"{name}: {module['state']}: {module['reason']}", file=sys.stderr)
