"""A bundle's file to a release, and a folder of bundles."""

from pathlib import Path

from recyclic.manifest.decode import decode_bundle
from recyclic.manifest.document import parse_toml
from recyclic.manifest.findings import Findings
from recyclic.manifest.source import read_source
from recyclic.manifest.validate import validate
from recyclic.manifest.wire import BundleWire
from recyclic.model.package import Origin, OriginKind, Release


def load_bundle(path: Path) -> Release:
    """The bundle in one file.

    Raises:
        DiagnosticsError: with everything that is wrong in it.
    """
    document, findings = parse_toml(read_source(path)), Findings()
    wire = validate(BundleWire, document.values, document, findings)
    findings.stop_on_errors()
    assert wire is not None
    return decode_bundle(wire, document, Origin(OriginKind.FOLDER, str(path.parent)))
