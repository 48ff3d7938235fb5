"""Code goes into its place and back, wherever the move was cut short."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from recyclic.paheko.code_tree import CodeRoot
from recyclic.paheko.errors import ExtensionCodeError

MOVES = 3
"""How many changes of a folder the longest of these moves makes."""


class PowerCut(BaseException):
    """The machine stops here."""


@pytest.fixture
def root(tmp_path: Path) -> CodeRoot:
    """A folder of plugins."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    return CodeRoot(folder)


def tree(folder: Path, text: str) -> Path:
    """A small extension with one file deep down."""
    (folder / "lib").mkdir(parents=True)
    (folder / "plugin.ini").write_text(text)
    (folder / "lib" / "Code.php").write_text(text)
    return folder


def content(folder: Path) -> dict[str, str]:
    """Every file below, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def cut_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Stop before the ``number``-th change of a folder (counted from 0)."""
    left = [number]

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def stop_or_do(*arguments: object, **options: object) -> object:
            if left[0] == 0:
                raise PowerCut
            left[0] -= 1
            return real(*arguments, **options)

        return stop_or_do

    for name in ("rename", "unlink", "touch", "rmdir"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))


@pytest.mark.parametrize("number", range(MOVES))
@pytest.mark.parametrize("had_code", [True, False])
def test_a_cut_move_is_undone_or_finished(
    root: CodeRoot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    had_code: bool,
) -> None:
    """Undone twice it is as before; done again it is as planned."""
    if had_code:
        tree(root.live("lab"), "old")
    before = content(root.folder)
    for finish in (False, True):
        root.stage("lab", tree(tmp_path / f"source{finish}", "new"))
        with monkeypatch.context() as patch:
            cut_at(patch, number)
            with suppress(PowerCut):
                root.put_in_place("lab")
                assert number == 2, "the move made fewer changes than thought"
                assert not had_code
        if finish:
            root.put_in_place("lab")
            root.discard("lab")
            assert content(root.folder) == {"lab/plugin.ini": "new", "lab/lib/Code.php": "new"}
        else:
            root.undo("lab")
            root.undo("lab")
            root.discard("lab")
            assert content(root.folder) == before


@pytest.mark.parametrize("number", range(MOVES))
def test_a_cut_undo_is_undone_again(
    root: CodeRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The undo itself may stop anywhere."""
    tree(root.live("lab"), "old")
    before = content(root.folder)
    root.stage("lab", tree(tmp_path / "source", "new"))
    root.put_in_place("lab")
    with monkeypatch.context() as patch:
        cut_at(patch, number)
        with pytest.raises(PowerCut):
            root.undo("lab")
    root.undo("lab")
    root.discard("lab")
    assert content(root.folder) == before


def test_undoing_what_never_began_touches_nothing(root: CodeRoot) -> None:
    """Live code is not taken for new code."""
    tree(root.live("lab"), "old")
    root.undo("lab")
    assert content(root.folder) == {"lab/plugin.ini": "old", "lab/lib/Code.php": "old"}


def test_staged_files_have_the_present_time(root: CodeRoot, tmp_path: Path) -> None:
    """With their source's times, Paheko would keep templates compiled from newer ones."""
    source = tree(tmp_path / "source", "new")
    for path in source.rglob("*"):
        os.utime(path, (1, 1))
    root.stage("lab", source)
    times = [path.stat().st_mtime for path in root.staged("lab").rglob("*")]
    assert min(times) > 1_000_000


def test_code_is_no_more_public_than_its_folder(root: CodeRoot, tmp_path: Path) -> None:
    """And stays runnable where it was."""
    source = tree(tmp_path / "source", "new")
    (source / "run.sh").write_text("")
    (source / "run.sh").chmod(0o700)
    root.folder.chmod(0o750)
    root.stage("lab", source)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in root.staged("lab").rglob("*")}
    assert modes == {"lib": 0o750, "Code.php": 0o640, "plugin.ini": 0o640, "run.sh": 0o750}


def test_what_is_no_plain_file_is_refused(root: CodeRoot, tmp_path: Path) -> None:
    """A link out of the tree, an absolute link, a pipe; a link inside is taken as it is."""
    source = tree(tmp_path / "source", "new")
    (source / "inside").symlink_to("plugin.ini")
    root.stage("lab", source)
    assert (root.staged("lab") / "inside").readlink() == Path("plugin.ini")
    for make in (
        lambda path: path.symlink_to("../../secret"),
        lambda path: path.symlink_to(source / "plugin.ini"),
        lambda path: path.symlink_to("nowhere"),
        os.mkfifo,
    ):
        odd = source / "odd"
        make(odd)
        with pytest.raises(ExtensionCodeError) as refusal:
            root.stage("lab", source)
        assert refusal.value.facts["problem"] == "odd-file"
        odd.unlink()


def test_only_extensions_are_listed(root: CodeRoot, tmp_path: Path) -> None:
    """What Paheko ignores is ignored: names with a dot, and our own folder."""
    tree(root.live("lab"), "old")
    tree(root.folder / "caisse.bak", "old")
    root.stage("other", tree(tmp_path / "source", "new"))
    assert root.names() == ("lab",)
