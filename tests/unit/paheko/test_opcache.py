"""Whether php-fpm would ever notice that code was replaced."""

from pathlib import Path

import pytest

from recyclic.paheko.opcache import serves_old_code


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """``/etc/php`` with one version, and its defaults."""
    for folder in ("conf.d", "pool.d"):
        (tmp_path / "8.3" / "fpm" / folder).mkdir(parents=True)
    php_ini = tmp_path / "8.3" / "fpm" / "php.ini"
    php_ini.write_text("[opcache]\n;opcache.validate_timestamps=1\n;opcache.enable=1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text", "is_told"),
    [
        ("php.ini", "opcache.validate_timestamps=0\n", True),
        ("conf.d/10-opcache.ini", "opcache.validate_timestamps = Off\n", True),
        ("pool.d/paheko.conf", "php_admin_value[opcache.validate_timestamps] = 0\n", True),
        ("pool.d/paheko.conf", "php_flag[opcache.validate_timestamps] = on\n", False),
        ("php.ini", "; opcache.validate_timestamps=0\n", False),
        ("php.ini", "opcache.validate_timestamps=0\nopcache.enable=0\n", False),
    ],
)
def test_the_setting_is_found_where_it_may_stand(
    settings: Path, file: str, text: str, is_told: bool
) -> None:
    """In php.ini, beside it, or in the pool of the application; comments do not count."""
    target = settings / "8.3" / "fpm" / file
    target.write_text(text)
    assert serves_old_code(Path("/usr/bin/php8.3"), settings) == (target if is_told else None)


def test_the_pool_has_the_last_word(settings: Path) -> None:
    """It is read after php.ini."""
    (settings / "8.3" / "fpm" / "php.ini").write_text("opcache.validate_timestamps=0\n")
    pool = settings / "8.3" / "fpm" / "pool.d" / "www.conf"
    pool.write_text("php_admin_value[opcache.validate_timestamps] = 1\n")
    assert serves_old_code(Path("/usr/bin/php8.3"), settings) is None


def test_another_version_or_none_says_nothing(settings: Path) -> None:
    """PHP without a version in its name, or without php-fpm."""
    (settings / "8.3" / "fpm" / "php.ini").write_text("opcache.validate_timestamps=0\n")
    assert serves_old_code(Path("/usr/bin/php8.2"), settings) is None
    assert serves_old_code(settings / "php", settings) is None
