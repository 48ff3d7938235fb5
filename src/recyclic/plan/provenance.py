"""Where every value of a config.toml came from: the content of config.provenance.json."""

from typing import Any

from recyclic.model.diagnostic import Place
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution
from recyclic.model.settings import LayeredValue
from recyclic.model.site_config import SiteConfig

PROVENANCE_FORMAT = 1


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
            module: {key: _layered(values[key]) for key in sorted(values)}
            for module, values in sorted(resolution.settings.items())
            if module in config.settings
        },
    }


def _layered(layered: LayeredValue) -> dict[str, Any]:
    return {
        "layer": layered.layer,
        **_place(layered.place),
        "lost": [
            {"value": value, "layer": layer, **_place(place)}
            for value, place, layer in layered.lost
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column}
