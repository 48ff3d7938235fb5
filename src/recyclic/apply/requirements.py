"""The Python requirements of all enabled modules as one lock with hashes."""

import platform
import re
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from recyclic.apply.errors import ConflictingRequirementsError, RequirementsUnavailableError
from recyclic.apply.step import Wheels
from recyclic.apply.uv import run_uv, wheel_options
from recyclic.model.package import PackageKind, PythonRequirement
from recyclic.model.resolution import Resolution
from recyclic.paheko.process import Outcome
from recyclic.plan.fingerprint import digest

_HEADER = "# Locked by recyclic for: "
_NAME = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class PythonAsk:
    """One module asks for one distribution."""

    module: str
    requirement: PythonRequirement

    @property
    def distribution(self) -> str:
        """The distribution's name, normalised as PEP 503 says."""
        found = _NAME.match(self.requirement.text.strip())
        return re.sub(r"[-_.]+", "-", found.group()).lower() if found else ""

    def __str__(self) -> str:
        """Who asks what, in no language."""
        return f"{self.module}: {self.requirement.text} ({self.requirement.place})"


def python_asks(resolution: Resolution) -> tuple[PythonAsk, ...]:
    """Everything that the modules of ``resolution`` ask of Python, by module."""
    return tuple(
        PythonAsk(package.name, requirement)
        for package, release in sorted(resolution.releases.items())
        if package.kind is PackageKind.MODULE
        for requirement in release.python
    )


def lock_requirements(
    asks: Iterable[PythonAsk], wheels: Wheels, *, previous: str | None = None
) -> str | None:
    """A lock file's text that suits all ``asks`` and what recyclic itself runs with.

    None when nothing is asked. ``previous`` is returned as it is when it was made for the very
    same question, so that a second apply does nothing, offline too.

    Raises:
        ConflictingRequirementsError: no set of distributions suits all.
        RequirementsUnavailableError: one is nowhere, or the index cannot be reached.
    """
    asked = tuple(asks)
    if not asked:
        return None
    constraints = own_distributions()
    header = _HEADER + digest(_question(asked, constraints)) + "\n"
    if previous is not None and previous.startswith(header):
        return previous
    with tempfile.TemporaryDirectory(prefix="recyclic-lock-") as folder:
        outcome = _compile(Path(folder), asked, constraints, wheels)
    if outcome.status != 0:
        raise _refusal(asked, outcome)
    return header + outcome.output


def _question(asked: tuple[PythonAsk, ...], constraints: tuple[str, ...]) -> dict[str, object]:
    return {
        "asks": sorted(f"{ask.module}: {ask.requirement.text}" for ask in asked),
        "constraints": list(constraints),
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
    }


def own_distributions() -> tuple[str, ...]:
    """``name==version`` of everything recyclic itself runs with.

    Modules share its interpreter, so what both need has to be one version. Read from the names of
    folders alone: asking ``importlib.metadata`` opens every file, and takes fifty times as long.
    Source: "Recording installed projects", packaging.python.org: ``{name}-{version}.dist-info``.
    """
    found: dict[str, str] = {}
    for entry in sys.path:
        for folder in sorted(Path(entry or ".").glob("*.dist-info")):
            name, _, version = folder.name.removesuffix(".dist-info").partition("-")
            found.setdefault(name.replace("_", "-").lower(), version)
    found.pop("recyclic", None)
    return tuple(f"{name}=={version}" for name, version in sorted(found.items()) if version)


def _compile(
    folder: Path, asked: tuple[PythonAsk, ...], constraints: tuple[str, ...], wheels: Wheels
) -> Outcome:
    """One input file a module, so that uv's comments say who asks for what."""
    for module in {ask.module for ask in asked}:
        lines = [ask.requirement.text for ask in asked if ask.module == module]
        (folder / f"{module}.in").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "recyclic.txt").write_text("\n".join(constraints) + "\n", encoding="utf-8")
    inputs = sorted({f"{ask.module}.in" for ask in asked})
    return run_uv(
        [
            *("pip", "compile", *inputs, "--constraints", "recyclic.txt"),
            *("--generate-hashes", "--no-header", "--quiet", "--python", sys.executable),
            *wheel_options(wheels),
        ],
        folder,
    )


def _refusal(
    asked: tuple[PythonAsk, ...], outcome: Outcome
) -> ConflictingRequirementsError | RequirementsUnavailableError:
    detail = _prose(outcome.complaint or outcome.output)
    named = [ask for ask in asked if re.search(rf"\b{re.escape(ask.distribution)}\b", detail)]
    ours = [
        each for each in own_distributions() if re.search(rf"(?<![\w-]){re.escape(each)}\b", detail)
    ]
    asks = [str(ask) for ask in named or asked] + [f"recyclic: {each}" for each in ours]
    facts = {"asks": asks, "detail": detail}
    unavailable = ("not found in", "no wheels", "network", "fetch", "were not found", "connect")
    is_conflict = "No solution found" in outcome.complaint
    if not is_conflict or (len(named) < 2 and any(word in detail for word in unavailable)):
        return RequirementsUnavailableError(**facts)
    return ConflictingRequirementsError(**facts)


def _prose(text: str) -> str:
    """uv's words without its drawing, on one line."""
    return re.sub(r"[\s×╰─▶│├╭╮╯]+", " ", text).strip()[:1500]
