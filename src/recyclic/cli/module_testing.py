"""What ``module test`` does."""

import importlib.util
import subprocess
import sys
from pathlib import Path

from recyclic.cli.errors import UsageError
from recyclic.cli.language import _


def run_module_tests(name: str, directory: Path, arguments: list[str]) -> int:
    """Run pytest on ``directory/name/tests``; its exit status, 1 for any failure."""
    if importlib.util.find_spec("pytest") is None:
        message = _('pytest is not installed; pip install "recyclic[testing]"')
        raise UsageError(message=message, verb="module test")
    folder = directory / name / "tests"
    if not folder.is_dir():
        message = _("there are no tests in {folder}").format(folder=folder)
        raise UsageError(message=message, verb="module test")
    command = [sys.executable, "-m", "pytest", "--import-mode=importlib", str(folder), *arguments]
    return 0 if subprocess.run(command, check=False).returncode == 0 else 1
