"""What ``check`` does."""

import sys
from collections.abc import Sequence
from pathlib import Path

from recyclic.cli import render
from recyclic.cli.language import _
from recyclic.cli.options import told_apart
from recyclic.cli.session import target_of
from recyclic.manifest.check import check_path
from recyclic.model.diagnostic import Diagnostic, Severity, has_errors
from recyclic.resolve.laws import broken_laws
from recyclic.workflow.fleet import profiles_in
from recyclic.workflow.inputs import read_inputs
from recyclic.workflow.target import Target, TargetKind, Wanted, project_of


def check_files(paths: Sequence[Path], *, as_json: bool) -> bool:
    """Print every finding; True when none of them is an error."""
    return _print([found for path in paths for found in check_path(path)], as_json=as_json)


def _print(findings: Sequence[Diagnostic], *, as_json: bool) -> bool:
    """Print findings and their number; True when none of them is an error."""
    clean = not has_errors(findings)
    if as_json:
        shown = [render.diagnostic_json(found) for found in findings]
        print(render.json_text({"format": 1, "ok": clean, "diagnostics": shown}))
        return clean
    if findings:
        print(render.render_diagnostics(findings))
    errors = sum(found.severity is Severity.ERROR for found in findings)
    told = _("errors: {errors}, warnings: {warnings}")
    print(told.format(errors=errors, warnings=len(findings) - errors), file=sys.stderr)
    return clean


def check_properties(words: list[str], catalogs: Sequence[Path] | None, *, as_json: bool) -> bool:
    """Hold the resolver's laws against one bundle or profile; True when all hold.

    A folder of profiles (``bundle FILE DIR``) is tried profile by profile.
    """
    asked = told_apart(words, "check", names=1)
    wanted = Wanted(catalogs=tuple(catalogs or ()))
    findings = list(_broken(target_of(asked, "check", wanted), wanted))
    for folder in asked.names:
        for profile in profiles_in(Path(folder)):
            target = Target(TargetKind.PROFILE, profile, project_of(profile))
            findings += _broken(target, wanted)
    return _print(findings, as_json=as_json)


def _broken(target: Target, wanted: Wanted) -> list[Diagnostic]:
    inputs = read_inputs(target, wanted)
    return broken_laws(inputs.request, inputs.catalog, inputs.host)
