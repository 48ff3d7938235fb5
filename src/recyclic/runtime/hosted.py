"""One module in one running site: its object, its own app, its state."""

from pathlib import Path

from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from recyclic.runtime.claims import Claim
from recyclic.runtime.descriptor import ModuleDescriptor
from recyclic.runtime.dispatch import HasApp
from recyclic.runtime.errors import ModuleError
from recyclic.runtime.module import ModuleBase
from recyclic.runtime.state import Life, ModuleState


class HostedModule(HasApp):
    """A module and all that was registered for it, so that all of it can be disposed with it.

    Attributes:
        instance: None when it could not be made.
        routes_app: The FastAPI app the module was given; ``app`` is what answers requests now.
        slots: What ``register_ui_extensions`` returned.
        claims: The paths of its routes.
        folder: Where its code lies; None when it comes by an entry point.
    """

    __slots__ = ("claims", "descriptor", "folder", "instance", "life", "routes_app", "slots")

    def __init__(
        self, descriptor: ModuleDescriptor, routes_app: FastAPI, folder: Path | None = None
    ) -> None:
        super().__init__(routes_app)
        self.folder = folder
        self.descriptor = descriptor
        self.routes_app = routes_app
        self.instance: ModuleBase | None = None
        self.slots: dict[str, list[str]] = {}
        self.claims: tuple[Claim | BaseRoute, ...] = ()
        self.life = Life()

    @property
    def name(self) -> str:
        """The module's name."""
        return self.descriptor.name

    @property
    def state(self) -> ModuleState:
        """Where it is in its life."""
        return self.life.state

    @property
    def error(self) -> ModuleError | None:
        """Why it is not running."""
        return self.life.error

    def end(self, state: ModuleState, error: ModuleError | None, answer: ASGIApp) -> None:
        """Leave service: ``answer`` replies on the module's paths from now on."""
        self.life.become(state, error)
        self.app = answer

    def begin_again(self) -> None:
        """Back from stopped to loaded: the same app is run once more."""
        self.life.become(ModuleState.LOADED)
        self.app = self.routes_app

    def paths(self) -> list[str]:
        """The paths it registered, as written."""
        return sorted({claim.pattern for claim in self.claims if isinstance(claim, Claim)})
