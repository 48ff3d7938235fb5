"""The Lua scripts: what the server must do in one step. Redis 7.0 and Valkey 7.2 run them all."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Script:
    """One script: its text, and the name the server gives it."""

    text: bytes
    sha: str


@cache
def script(name: str) -> Script:
    """The script in ``NAME.lua``."""
    text = files(__package__).joinpath(f"{name}.lua").read_bytes()
    return Script(text, sha1(text, usedforsecurity=False).hexdigest())
