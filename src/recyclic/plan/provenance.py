"""Where every value of a config.toml came from: the content of config.provenance.json."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from recyclic.model.diagnostic import Place
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution
from recyclic.model.settings import LayeredValue
from recyclic.model.site_config import SiteConfig

PROVENANCE_FORMAT = 1
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def provenance(resolution: Resolution, request: Request, config: SiteConfig) -> dict[str, Any]:
    """Plain values: who asked for each package, and the winner and losers of each setting."""
    return {
        "format": PROVENANCE_FORMAT,
        "bundle": _place(request.bundle.place) if request.bundle else None,
        "files": list(request.files),
        "required_by": {
            str(package): [
                {
                    "by": str(each.depender),
                    "requirement": str(each.requirement),
                    **_place(each.requirement.place),
                }
                for each in asked
            ]
            for package, asked in sorted(resolution.required_by.items())
        },
        "settings": {
            module: setting_history(values)
            for module, values in sorted(resolution.settings.items())
            if module in config.settings
        },
        "values": {key: _place(place) for key, place in sorted(request.places.items())},
    }


def setting_history(values: Mapping[str, LayeredValue]) -> dict[str, dict[str, Any]]:
    """Winner and losers of one module's settings; of a table, of each key in it: ``rates.low``."""
    return {
        dotted_key(path): _layered(leaf)
        for key in sorted(values)
        for path, leaf in values[key].leaves((key,))
    }


def dotted_key(path: Iterable[str]) -> str:
    """A path of keys as TOML writes it: ``rates.low``, ``rates."5.5"``."""
    return ".".join(key if _BARE_KEY.fullmatch(key) else json.dumps(key) for key in path)


def _layered(layered: LayeredValue) -> dict[str, Any]:
    return {
        "value": layered.value,
        "layer": layered.layer,
        **_place(layered.place),
        "lost": [
            {"value": value, "layer": layer, **_place(place)}
            for value, place, layer in layered.lost
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column}
