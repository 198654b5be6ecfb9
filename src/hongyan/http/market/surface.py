"""The paths of the market API, and what the gateway says about those that lead nowhere."""

from typing import Final

from hongyan.http.asgi import Receive, Scope, Send

from .gateway import Fault, GatewayRefusal, refuse
from .send import SendEndpoint

ENVIRONMENT: Final = "release"
API: Final = "qxt_yzm_sms"
SEND_PATHS: Final = frozenset((f"/{ENVIRONMENT}/{API}", f"/{ENVIRONMENT}/{API}/"))
_ENVIRONMENTS: Final = frozenset((ENVIRONMENT, "prepub", "test"))


class MarketSurface:
    """Dispatches what belongs to the market API."""

    def __init__(self, endpoint: SendEndpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer the request if its path is one of ours; False: it is someone else's."""
        path: str = scope["path"]
        if path in SEND_PATHS:
            await self._endpoint(scope, receive, send)
            return True
        refusal = refuse_path(path)
        if refusal is None:
            return False
        await self._endpoint.refuse(refusal, send)
        return True


def refuse_path(path: str) -> GatewayRefusal | None:
    """Return what the gateway says about a path of the market's kind that does not exist; None for other paths.

    The first part of a path is the environment; the API's name under a wrong or missing one is most likely a typing
    error in an address of ours.
    """
    environment, *rest = path.strip("/").split("/")
    if environment == ENVIRONMENT:
        return refuse(Fault.PATH_UNKNOWN, path)
    if environment in _ENVIRONMENTS or API in (environment, *rest[:1]):
        return refuse(Fault.ENVIRONMENT_UNKNOWN, environment)
    return None
