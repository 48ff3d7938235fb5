"""Paheko's rights: its sections, and the levels each of them knows."""

from collections.abc import Mapping
from types import MappingProxyType

LEVELS_OF_SECTION: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "web": ("none", "read", "write", "admin"),
        "documents": ("none", "read", "write", "admin"),
        "users": ("none", "read", "write", "admin"),
        "accounting": ("none", "read", "write", "admin"),
        "connect": ("none", "read"),
        "config": ("none", "admin"),
    }
)
"""Source: Paheko 1.3.22, sections of a user category and the levels its forms offer."""

SECTIONS = tuple(LEVELS_OF_SECTION)
LEVELS = ("none", "read", "write", "admin")
