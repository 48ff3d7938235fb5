"""What ``check`` does."""

import sys
from collections.abc import Sequence
from pathlib import Path

from recyclic.cli import render
from recyclic.cli.language import _
from recyclic.manifest.check import check_path
from recyclic.model.diagnostic import Severity, has_errors


def check_files(paths: Sequence[Path], *, as_json: bool) -> bool:
    """Print every finding; True when none of them is an error."""
    findings = [found for path in paths for found in check_path(path)]
    clean = not has_errors(findings)
    if as_json:
        shown = [render.diagnostic_json(found) for found in findings]
        print(render.json_text({"format": 1, "ok": clean, "diagnostics": shown}))
        return clean
    if findings:
        print(render.render_diagnostics(findings))
    errors = sum(found.severity is Severity.ERROR for found in findings)
    told = _("{errors} errors, {warnings} warnings")
    print(told.format(errors=errors, warnings=len(findings) - errors), file=sys.stderr)
    return clean
