"""Numbers and links of a site's folder, also when others have put things there."""

from pathlib import Path

import pytest

from recyclic.site.layout import Site, link_target


def test_only_numbers_are_generations(tmp_path: Path) -> None:
    """Sorted as numbers, however many digits they have."""
    site = Site(tmp_path / "site")
    site.prepare()
    for name in ("000002", "1000000", "000010", "12", "backup", ".000003.new", "٠٠٠٠٠٤"):
        (site.generations / name).mkdir()
    assert site.numbers() == (2, 10, 1000000)


@pytest.mark.parametrize(
    ("target", "number"),
    [(link_target(7), 7), (link_target(1234567), 1234567), ("elsewhere", 0), (None, 0)],
)
def test_what_current_says(tmp_path: Path, target: str | None, number: int) -> None:
    """A link that none of ours made is no generation."""
    site = Site(tmp_path)
    if target is not None:
        site.current.symlink_to(target)
    assert site.current_number() == number
