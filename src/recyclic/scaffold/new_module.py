"""``recyclic module new``: the files of a new module, written together or not at all."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from recyclic.model.names import ModuleName
from recyclic.scaffold.errors import FolderTakenError
from recyclic.scaffold.module_name import checked_name

_FILES = (
    ("module.toml", "module.toml"),
    ("package.py", "__init__.py"),
    ("notes.py", "notes.py"),
    ("test_module.py", "tests/test_{name}.py"),
    ("README.md", "README.md"),
)
"""Each template, and the file it becomes."""


@dataclass(frozen=True, slots=True)
class NewModule:
    """What was written.

    Attributes:
        files: Relative to ``folder``, in the order to read them.
    """

    name: ModuleName
    folder: Path
    files: tuple[Path, ...]


def new_module(text: str, modules: Path) -> NewModule:
    """Write a module named ``text`` as a folder in ``modules``, which is made when missing.

    Raises:
        InvalidNameError: ``text`` cannot be the name of a new module.
        FolderTakenError: there is something of that name; it is left as it is.
        OSError: the folder cannot be written; nothing is left behind.
    """
    name = checked_name(text)
    folder = modules / name
    if folder.exists() or folder.is_symlink():
        raise FolderTakenError(path=str(folder))
    modules.mkdir(parents=True, exist_ok=True)
    contents = dict(_contents(name))
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=modules) as workplace:
        draft = Path(workplace) / name
        for path, content in contents.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_text(content, encoding="utf-8")
        draft.rename(folder)
    return NewModule(name, folder, tuple(contents))


def _contents(name: ModuleName) -> Iterator[tuple[Path, str]]:
    words = name.split("_")
    facts = {
        "name": str(name),
        "label": " ".join(words).capitalize(),
        "class_name": "".join(word.capitalize() for word in words),
    }
    templates = files("recyclic.scaffold") / "templates"
    for template, path in _FILES:
        text = (templates / f"{template}.template").read_text(encoding="utf-8")
        yield Path(path.format(name=name)), Template(text).substitute(facts)
