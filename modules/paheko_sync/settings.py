"""The settings of the synchronisation, as module.toml describes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

DEFAULT_METHODS = {
    "cash": "530",
    "card": "5112",
    "cheque": "5112",
    "transfer": "512A",
    "voucher": "4191",
}
"""Source: the codes of Paheko's chart PCA 2025, and what its own till uses."""


class MissingTokenError(RuntimeError):
    """There is a url but no token; Paheko answers nobody without one."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Account codes of the association's chart.

    Attributes:
        sales: For categories without one of their own.
        shortage, surplus: For coins that were missing, or too many.
    """

    sales: str = "707"
    shortage: str = "678"
    surplus: str = "778"
    by_method: Mapping[str, str] = field(default_factory=lambda: DEFAULT_METHODS)
    by_category: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """Where Paheko is and who we are there.

    Attributes:
        url: Ends with a slash; the API is at ``api/`` below it.
    """

    url: str
    user: str
    token: str
    timeout_s: float

    def __repr__(self) -> str:
        return f"Access(url={self.url!r}, user={self.user!r})"


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """What this site decided; ``access`` None means that nobody said where Paheko is."""

    access: Access | None
    accounts: Accounts
    year: str

    @classmethod
    def decode(cls, config: Mapping[str, Any]) -> Self:
        """From the module's settings; what is absent has module.toml's default.

        Raises:
            MissingTokenError: there is a url without one.
        """
        return cls(
            access=_access(config),
            accounts=Accounts(
                sales=config.get("account_sales", "707"),
                shortage=config.get("account_shortage", "678"),
                surplus=config.get("account_surplus", "778"),
                by_method={**DEFAULT_METHODS, **config.get("accounts_by_method", {})},
                by_category=dict(config.get("accounts_by_category", {})),
            ),
            year=config.get("year", "match"),
        )


def _access(config: Mapping[str, Any]) -> Access | None:
    url = config.get("url")
    if not url:
        return None
    if not config.get("token"):
        raise MissingTokenError("paheko_sync has a url but no token")
    return Access(
        url=url.rstrip("/") + "/",
        user=config.get("user", "recyclic"),
        token=config["token"],
        timeout_s=float(config.get("timeout_s", 10)),
    )
