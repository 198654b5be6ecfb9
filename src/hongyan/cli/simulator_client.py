"""What commands ask of a running simulator, over its HTTP API."""

import http.client
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from hongyan.kit.errors import Error, ErrorKind
from hongyan.kit.fields import FieldProblem, InvalidFields
from hongyan.runtime.demo import Demo
from hongyan.runtime.ports import local_url

from .context import command_settings

TIMEOUT_SECONDS: Final = 10.0


class SimulatorUnreachable(Error):
    """No simulator answers."""

    code = "simulator.unreachable"
    kind = ErrorKind.UNAVAILABLE
    remedy = "Start one with `hongyan simulator`, or name its address with --url."


class SimulatorInvalid(InvalidFields):
    """The simulator cannot do what it is told to."""

    code = "simulator.invalid"


class SimulatorClient:
    """A running simulator."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if parts.scheme != "http" or not parts.hostname:
            raise SimulatorInvalid(
                [FieldProblem("--url", f"{url!r} is no http address, such as http://127.0.0.1:18080")]
            )
        self._host = parts.hostname
        self._port = parts.port or 80
        self._url = url

    def get(self, *path: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return what stands at a path."""
        return self._ask("GET", path, None)

    def put(self, *path: str, body: object) -> Any:  # noqa: ANN401 - any JSON value
        """Put a value at a path and return what is there then."""
        return self._ask("PUT", path, body)

    def post(self, *path: str, body: object) -> Any:  # noqa: ANN401 - any JSON value
        """Add a value below a path and return it."""
        return self._ask("POST", path, body)

    def delete(self, *path: str) -> None:
        """Take away what stands at a path."""
        self._ask("DELETE", path, None)

    def _ask(self, method: str, path: tuple[str, ...], body: object) -> Any:  # noqa: ANN401 - any JSON value
        target = "/" + "/".join(quote(part, safe="") for part in path)
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            data = None if body is None else msgspec.json.encode(body)
            connection.request(method, target, data, {"Content-Type": "application/json"} if data else {})
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise SimulatorUnreachable(f"no simulator answers at {self._url}: {error}.") from error
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            raise _refusal(answer)
        return msgspec.json.decode(answer) if answer else None


def simulator_at(url: str) -> SimulatorClient:
    """Return the simulator there, or without an address that of the demonstration or of the settings."""
    return SimulatorClient(url or _address())


def _address() -> str:
    settings = command_settings()
    try:
        return msgspec.json.decode(settings.demo_path.read_bytes(), type=Demo).phone_url
    except (OSError, msgspec.DecodeError):
        return local_url(settings.simulator.host, settings.simulator.phone_port)


def _refusal(answer: bytes) -> Error:
    try:
        problem = msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.DecodeError:
        return SimulatorUnreachable("what answers there is no simulator.")
    detail, fix = problem.get("detail", "refused"), problem.get("fix", "")
    return SimulatorInvalid([FieldProblem(problem.get("field") or "request", f"{detail}; {fix}" if fix else detail)])
