"""What answers on the paths of a module that is not running."""

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from recyclic.runtime.errors import ModuleError
from recyclic.runtime.state import ModuleState


class Unavailable:
    """503 with the module's name, its state and the error's code. The reason in full stands in
    ``/health``: it may name paths of the machine, and any visitor can come here."""

    def __init__(self, module: str, state: ModuleState, error: ModuleError | None) -> None:
        self._content = {
            "detail": "Module not available",
            "module": module,
            "state": state.value,
            "code": error.code if error is not None else None,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1013})
            return
        await JSONResponse(self._content, status_code=503)(scope, receive, send)
