"""Schemas of events' payloads, in JSON files beside a module.toml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recyclic.manifest.findings import Findings
from recyclic.manifest.json_file import parse_json
from recyclic.manifest.source import MANIFEST_LIMIT_BYTES, read_source_bytes
from recyclic.model.diagnostic import Diagnostic, DiagnosticsError, Place, Severity


class SchemaFiles:
    """Reads the schemas that one module names; mistakes go to ``findings``."""

    def __init__(self, folder: Path, findings: Findings) -> None:
        self._folder = folder
        self._findings = findings

    def read(self, text: str, place: Place) -> Mapping[str, Any] | None:
        """The schema in the file ``text``, relative to the module's folder; None on a mistake."""
        path = self._folder / text
        if not self._is_inside(path):
            self._findings.error("RCY-M034", place, path=text)
            return None
        try:
            document = parse_json(str(path), read_source_bytes(path, MANIFEST_LIMIT_BYTES))
        except DiagnosticsError as error:
            self._add(text, place, error)
            return None
        if isinstance(document, dict):
            return document
        self._findings.error(
            "RCY-M021", Place(str(path), 1, 1), key=text, expected="an object", found="-"
        )
        return None

    def _is_inside(self, path: Path) -> bool:
        try:
            return path.resolve().is_relative_to(self._folder.resolve())
        except (OSError, RuntimeError, ValueError):  # a loop of links, a null character
            return False

    def _add(self, text: str, place: Place, error: DiagnosticsError) -> None:
        causes = error.diagnostics
        facts = {"path": text}
        self._findings.extend([Diagnostic("RCY-M018", Severity.ERROR, place, facts, causes)])
