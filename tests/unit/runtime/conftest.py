"""A site to write modules into."""

from pathlib import Path

import pytest
from tests.fakes.runtime_site import RuntimeSite


@pytest.fixture
def site(tmp_path: Path) -> RuntimeSite:
    """An empty site whose bus lives in memory."""
    return RuntimeSite(tmp_path / "site")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
