"""The page at ``/``, for the people of the site: what runs, what does not and why."""

from recyclic.errors import RecyclicError
from recyclic.model.site_config import SiteConfig
from recyclic.runtime.boot import Boot
from recyclic.runtime.health import Describe
from recyclic.runtime.hosted import HostedModule
from recyclic.runtime.markup import Html, element, page
from recyclic.runtime.speech import N_, Speech
from recyclic.runtime.state import ModuleState

_STATES = {
    ModuleState.LOADED: N_("starting"),
    ModuleState.STARTED: N_("runs"),
    ModuleState.FAILED: N_("failed"),
    ModuleState.SET_ASIDE: N_("set aside"),
    ModuleState.STOPPED: N_("stopped"),
}


def site_page(
    config: SiteConfig, boot: Boot, bus_connected: bool, speech: Speech, language: str
) -> str:
    """The page, in ``language``."""

    def say(text: str) -> str:
        return speech.translate(text, language)

    def describe(error: RecyclicError) -> str:
        return speech.describe(error, language)

    running = sum(hosted.state is ModuleState.STARTED for hosted in boot.modules)
    summary = say(N_("{running} of {count} modules run.")).format(
        running=running, count=len(boot.modules)
    )
    events = N_("The event server answers.") if bus_connected else N_("The event server is away.")
    heading = [say(N_("Module")), say(N_("State")), say(N_("Pages")), say(N_("Version"))]
    rows = [_row(hosted, say(_STATES[hosted.state]), describe) for hosted in boot.modules]
    return page(
        config.site,
        language,
        element("p", config.bundle, " ", config.bundle_version),
        element("p", summary, " ", _mark(say(events), good=bus_connected)),
        element("table", element("tr", *(element("th", text) for text in heading)), *rows),
        element(
            "p",
            element("a", say(N_("What programs can ask here")), href="docs"),
            " · ",
            element("a", say(N_("Health, as JSON")), href="health"),
        ),
    )


def _row(hosted: HostedModule, state: str, describe: Describe) -> Html:
    descriptor = hosted.descriptor
    good = hosted.state is ModuleState.STARTED
    reason = element("div", describe(hosted.error)) if hosted.error is not None else ""
    pages = [element("div", element("a", route, href=route)) for route in _pages(hosted)]
    return element(
        "tr",
        element(
            "td", element("b", descriptor.label or hosted.name), _aside(descriptor.description)
        ),
        element("td", _mark(state, good=good), reason),
        element("td", *pages),
        element("td", descriptor.version or ""),
    )


def _pages(hosted: HostedModule) -> list[str]:
    """Where the module says it has pages, as far as it is there to serve them."""
    there = hosted.state is ModuleState.STARTED
    return [route for route in hosted.descriptor.routes if there and route in hosted.paths()]


def _mark(text: str, *, good: bool) -> Html:
    return element("span", text, class_="good" if good else "bad")


def _aside(text: str) -> Html:
    return element("div", element("small", text))
