"""What a plan was made from, and in one short text whether that has moved."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recyclic.model.observed import Observed
from recyclic.plan.artifacts import Artifacts
from recyclic.plan.plain import plain


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes of everything a plan depends on, by name: ``input:bundles/x.toml``,
    ``module:caisse``, ``paheko:caisse``, ``requirements``, ``generation``, ``observed`` ..."""

    parts: Mapping[str, str]

    def text(self) -> str:
        """``sha256:HEX`` over all parts."""
        return digest(dict(sorted(self.parts.items())))

    def moved(self, now: "Fingerprint") -> tuple[str, ...]:
        """The names of the parts that differ, sorted; empty when none does."""
        names = self.parts.keys() | now.parts.keys()
        return tuple(sorted(name for name in names if self.parts.get(name) != now.parts.get(name)))


def fingerprint(base: int, target: str, observed: Observed, artifacts: Artifacts) -> Fingerprint:
    """The fingerprint of a plan on generation ``base`` whose target config hashes to ``target``."""
    parts = {f"input:{path}": value for path, value in artifacts.inputs.items()}
    parts |= {f"module:{name}": value for name, value in artifacts.modules.items()}
    parts |= {f"paheko:{name}": value for name, value in artifacts.paheko.items()}
    parts["requirements"] = artifacts.requirements or ""
    parts["generation"] = str(base)
    parts["config"] = observed.config_hash
    parts["drift"] = digest(observed.drift)
    parts["target"] = target
    if observed.paheko is not None:
        known = plain(observed.paheko)
        del known["database_bytes"]  # a sale changes it, and no plan
        parts["observed:paheko"] = digest(known)
    return Fingerprint(parts)


def digest(value: Any) -> str:
    """``sha256:HEX`` of a JSON value, the same for equal values."""
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), default=str)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
