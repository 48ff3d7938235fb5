"""The few routes that are the runtime's own."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from recyclic.errors import RecyclicError
from recyclic.model.site_config import SiteConfig
from recyclic.runtime.boot import Boot
from recyclic.runtime.docs_page import docs_page
from recyclic.runtime.health import health_report
from recyclic.runtime.hosted import HostedModule
from recyclic.runtime.location import Location
from recyclic.runtime.round_trips import RoundTrips
from recyclic.runtime.site_page import site_page
from recyclic.runtime.speech import Speech, preferred_language
from recyclic.runtime.state import ModuleState


def core_router(config: SiteConfig, location: Location, boot: Boot, speech: Speech) -> APIRouter:
    """Health, the list of modules, the slots."""
    router = APIRouter(tags=["recyclic"])
    about = {
        "site": config.site,
        "bundle": config.bundle,
        "bundle_version": config.bundle_version,
        "generation": location.generation,
    }

    _add_health(router, boot, speech, about)

    @router.get("/", include_in_schema=False)
    async def people(request: Request) -> HTMLResponse:
        language = preferred_language(request.headers.get("accept-language", ""))
        return _html(site_page(config, boot, boot.bus_connected, speech, language), language)

    @router.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        language = preferred_language(request.headers.get("accept-language", ""))
        return _html(docs_page(request.app.openapi(), speech, language), language)

    @router.get("/api/modules", summary="What runs here, for a front end")
    async def modules() -> JSONResponse:
        documents = [module_document(one) for one in boot.modules]
        return JSONResponse({"format": 1, **about, "modules": documents})

    @router.get("/api/ui/slots/{name}", summary="The components that modules put in a slot")
    async def slot(name: str) -> JSONResponse:
        extensions = slot_extensions(boot, name)
        return JSONResponse({"format": 1, "slot": name, "extensions": extensions})

    return router


def _add_health(router: APIRouter, boot: Boot, speech: Speech, about: Mapping[str, object]) -> None:
    """How the site is; ``about`` is added to the full report."""
    trips = RoundTrips(boot.bus)

    def english(error: RecyclicError) -> str:
        return speech.describe(error, "en")

    @router.get("/health", summary="How the site is, module by module")
    async def health(request: Request) -> JSONResponse:
        language = preferred_language(request.headers.get("accept-language", ""))
        report = await health_report(boot, lambda error: speech.describe(error, language))
        report |= about
        return JSONResponse(report, status_code=200 if report["ready"] else 503)

    @router.get("/health/live", summary="Whether the process answers at all")
    async def live() -> JSONResponse:
        return JSONResponse({"live": True})

    @router.get("/health/ready", summary="Whether requests can be served now")
    async def ready() -> JSONResponse:
        report = await health_report(boot, english)
        return JSONResponse({"ready": report["ready"]}, status_code=200 if report["ready"] else 503)

    @router.get("/health/events", summary="Whether an event goes there and back")
    async def events() -> JSONResponse:
        error = await trips.latest()
        if error is None:
            return JSONResponse({"ok": True})
        told = {"ok": False, "code": error.code, "reason": english(error)}
        return JSONResponse(told, status_code=503)


def _html(content: str, language: str) -> HTMLResponse:
    headers = {
        "content-language": language,
        "vary": "accept-language",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return HTMLResponse(content, headers=headers)


def module_document(hosted: HostedModule) -> dict[str, Any]:
    """One module as a front end needs it."""
    descriptor = hosted.descriptor
    return {
        "name": hosted.name,
        "label": descriptor.label or hosted.name,
        "description": descriptor.description,
        "version": descriptor.version,
        "state": hosted.state.value,
        "permissions": dict(descriptor.permissions),
        "ui": {"routes": list(descriptor.routes), "slots": list(descriptor.slots)},
        "routes": hosted.paths() if hosted.state is ModuleState.STARTED else [],
        "slots": hosted.slots if hosted.state is ModuleState.STARTED else {},
    }


def slot_extensions(boot: Boot, slot: str) -> list[dict[str, str]]:
    """Module and component of everything in ``slot``, in boot order; started modules only."""
    return [
        {"module": hosted.name, "component": component}
        for hosted in boot.modules
        if hosted.state is ModuleState.STARTED
        for component in hosted.slots.get(slot, ())
    ]
