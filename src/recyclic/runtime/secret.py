"""From a reference to a secret's value, in memory only."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recyclic.model.settings import is_secret_reference
from recyclic.runtime.errors import SecretMissingError


def with_secrets(module: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of one module's settings in which every reference has become its value.

    Raises:
        SecretMissingError: a variable is not set, or a file cannot be read. It names the
            variable or the file and never holds a value.
    """
    return {key: _revealed(module, key, value) for key, value in settings.items()}


def _revealed(module: str, key: str, value: Any) -> Any:
    if is_secret_reference(value):
        return reveal(value, module=module, setting=key)
    if isinstance(value, Mapping):
        return {inner: _revealed(module, f"{key}.{inner}", item) for inner, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_revealed(module, f"{key}[{at}]", item) for at, item in enumerate(value)]
    return value


def reveal(reference: Mapping[str, str], *, module: str, setting: str) -> str:
    """The value of ``{env = NAME}``, or of ``{file = PATH}`` without its last newline.

    Raises:
        SecretMissingError: see :func:`with_secrets`.
    """
    ((kind, name),) = reference.items()
    if kind == "env":
        value = os.environ.get(name)
        if value is None:
            raise SecretMissingError(module=module, setting=setting, source=f"${name}")
        return value
    try:
        return Path(name).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise SecretMissingError(module=module, setting=setting, source=name) from error
