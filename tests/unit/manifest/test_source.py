"""What can be wrong with a file before any syntax, each with its own code."""

import os
import socket
from pathlib import Path

import pytest

from recyclic.manifest.bundle_file import load_bundle
from recyclic.manifest.source import MANIFEST_LIMIT_BYTES, read_source
from recyclic.model.diagnostic import DiagnosticsError, Place


def refusal(path: Path) -> tuple[str, Place | None]:
    """Code and place of the one finding about ``path``."""
    with pytest.raises(DiagnosticsError) as caught:
        load_bundle(path)
    (found,) = caught.value.diagnostics
    return found.code, found.place


def test_a_missing_file(tmp_path: Path) -> None:
    """Also when it is a folder on the way that is missing, or a file."""
    (tmp_path / "file").write_text("x")
    for path in ("no.toml", "no/no.toml", "file/no.toml"):
        assert refusal(tmp_path / path)[0] == "RCY-M002"


def test_a_folder(tmp_path: Path) -> None:
    """A folder is not read, and told apart from a missing file."""
    assert refusal(tmp_path)[0] == "RCY-M004"


def test_a_loop_of_links(tmp_path: Path) -> None:
    """Two links that point at each other."""
    (tmp_path / "a.toml").symlink_to(tmp_path / "b.toml")
    (tmp_path / "b.toml").symlink_to(tmp_path / "a.toml")
    assert refusal(tmp_path / "a.toml")[0] == "RCY-M009"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Reading a named pipe would hang until somebody writes."""
    os.mkfifo(tmp_path / "pipe.toml")
    assert refusal(tmp_path / "pipe.toml")[0] == "RCY-M004"


def test_a_socket(tmp_path: Path) -> None:
    """A socket cannot be opened at all."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.toml"))
        assert refusal(tmp_path / "s.toml")[0] == "RCY-M004"


def test_a_device() -> None:
    """``/dev/zero`` never ends."""
    assert refusal(Path("/dev/zero"))[0] == "RCY-M004"


def test_a_file_of_ten_megabytes(tmp_path: Path) -> None:
    """Refused by its size, read no further than the limit."""
    (tmp_path / "big.toml").write_bytes(b"#" * 10_000_000)
    code, _ = refusal(tmp_path / "big.toml")
    assert code == "RCY-M005"


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    (tmp_path / "a.toml").write_bytes(b"#" * MANIFEST_LIMIT_BYTES)
    assert len(read_source(tmp_path / "a.toml").text) == MANIFEST_LIMIT_BYTES


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_a_byte_order_mark(mark: bytes, tmp_path: Path) -> None:
    """UTF-8's own and those of UTF-16."""
    (tmp_path / "a.toml").write_bytes(mark + b'name = "a"')
    assert refusal(tmp_path / "a.toml") == ("RCY-M006", Place(str(tmp_path / "a.toml"), 1, 1))


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    """The place is the first such byte, its column counted in characters."""
    (tmp_path / "a.toml").write_bytes('a = 1\nb = "é'.encode() + b'\xe9"')
    assert refusal(tmp_path / "a.toml") == ("RCY-M007", Place(str(tmp_path / "a.toml"), 2, 7))


@pytest.mark.parametrize("content", [b"", b" \n\t\n"])
def test_an_empty_file(content: bytes, tmp_path: Path) -> None:
    """Blanks are as good as nothing."""
    (tmp_path / "a.toml").write_bytes(content)
    assert refusal(tmp_path / "a.toml")[0] == "RCY-M008"


def test_a_path_with_a_null_character() -> None:
    """The operating system's own refusal is told, not thrown."""
    assert refusal(Path("a\0b.toml"))[0] == "RCY-M003"


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    """So is every other reason it has."""
    assert refusal(tmp_path / ("a" * 300))[0] == "RCY-M003"
