"""What ``schema`` does."""

from pathlib import Path

from recyclic.cli.errors import UsageError
from recyclic.cli.language import _
from recyclic.cli.render import json_text
from recyclic.manifest.schema_files import schemas


def print_schemas(kind: str | None, folder: Path | None) -> None:
    """Print one schema (or the names of all), or write every one to ``folder``."""
    known = schemas()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, schema in known.items():
            (folder / name).write_text(json_text(schema) + "\n", encoding="utf-8")
        return
    if kind is None:
        print("\n".join(sorted(name.partition(".")[0] for name in known)))
        return
    found = known.get(f"{kind}.schema.json")
    if found is None:
        kinds = ", ".join(sorted(name.partition(".")[0] for name in known))
        message = _("there is no schema of {kind}; there are: {kinds}")
        raise UsageError(message=message.format(kind=kind, kinds=kinds), verb="schema")
    print(json_text(found))
