"""module.toml to a release."""

from pathlib import Path

from recyclic.manifest.decode import decode_module
from recyclic.manifest.document import TomlDocument, parse_toml
from recyclic.manifest.event_schema_file import SchemaFiles
from recyclic.manifest.findings import Findings
from recyclic.manifest.source import read_source
from recyclic.manifest.validate import validate
from recyclic.manifest.wire import ModuleWire
from recyclic.model.names import InvalidNameError, ModuleName
from recyclic.model.package import Origin, OriginKind, Release


def load_module(folder: Path) -> Release:
    """The module in one folder, named like the folder.

    Raises:
        DiagnosticsError: with everything that is wrong in its module.toml, its name, and the
            event schemas beside it.
    """
    document = parse_toml(read_source(folder / "module.toml"))
    origin = Origin(OriginKind.FOLDER, str(folder))
    return read_module(folder.absolute().name, folder, document, origin)


def read_module(name: str, folder: Path, document: TomlDocument, origin: Origin) -> Release:
    """The module ``name`` that a parsed module.toml declares.

    Raises:
        DiagnosticsError: as :func:`load_module`.
    """
    findings = Findings()
    try:
        ModuleName(name)
    except InvalidNameError as error:
        findings.error(error.code, document.key_place(("name",)), **error.facts)
    wire = validate(ModuleWire, document.values, document, findings)
    release = None
    if wire is not None:
        schemas = SchemaFiles(folder, findings)
        release = decode_module(name, wire, document, origin, findings, schemas.read)
    findings.stop_on_errors()
    assert release is not None
    return release
