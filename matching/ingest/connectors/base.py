"""What every connector is and what it works with: targets, pages of rows, a client that minds the quota."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import orjson

from accounts import outbound

SECONDS = 20.0
MOST_BYTES = 8 * 1024 * 1024
TRIES = 4
LONGEST_WAIT = 8.0


class ConnectorError(Exception):
    """The network did not give what was asked. `code` is stable; `detail` is the network's own word, shortened."""

    code = "failed"

    def __init__(self, detail: str = "", code: str = "") -> None:
        super().__init__(detail)
        self.detail = detail[:300]
        self.code = code or self.code


class QuotaSpent(ConnectorError):
    """Nothing more today, by our budget or the network's word."""

    code = "quota"


class AccessLost(ConnectorError):
    """The key or the consent no longer opens anything: a person must connect again."""

    code = "access"


class NotThere(ConnectorError):
    code = "not_there"


class Refused(ConnectorError):
    """This one thing is closed (comments off, a private post, insights of a young post): the rest goes on."""

    code = "refused"


class Busy(ConnectorError):
    """The network asked for patience more often than we wait."""

    code = "busy"


class BadAnswer(ConnectorError):
    code = "bad_answer"


@dataclass(frozen=True, slots=True)
class Target:
    """The account to read. own: the access belongs to this very account, so that its private figures may be read."""

    handle: str
    external_id: str = ""
    own: bool = False
    posts: int = 50
    comments_of: int = 10


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one entity (`matching.ingest.fields`), ready to be stored; notes say what could not be had."""

    entity: str
    rows: list[dict[str, Any]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OAuth:
    """Where a creator consents. scopes: what is asked for, in the network's words.

    long_lived: where the first token, which lives an hour, is changed for one that lives for weeks. renews: where such a
    token is renewed by itself, because the network has no refresh tokens. renew_before: how long before its end.
    """

    authorize: str
    token: str
    scopes: tuple[str, ...]
    separator: str = " "
    client_param: str = "client_id"
    extra: Mapping[str, str] = field(default_factory=dict)
    long_lived: str = ""
    renews: str = ""
    renew_before: timedelta = timedelta(minutes=5)


class Connector(Protocol):
    """platform: of `PlatformName`. daily: requests or units that may be spent in a day. needs_id: a key alone is not
    enough, the network also wants the account it belongs to."""

    platform: str
    label: str
    base: str
    daily: int
    needs_id: bool
    oauth: OAuth

    def headers(self, token: str, kind: str) -> dict[str, str]: ...

    def fault(self, status: int, answer: Any) -> ConnectorError | None: ...

    def who(self, client: Client) -> dict[str, Any]: ...

    def pull(self, client: Client, target: Target) -> Iterator[Page]: ...


class Client:
    """Asks a network, in its budget, with patience. spend(cost) raises QuotaSpent when the day's budget is used up."""

    def __init__(
        self,
        connector: Connector,
        *,
        token: str,
        kind: str = "key",
        owner_id: str = "",
        base: str = "",
        spend: Callable[[int], None] = lambda cost: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.connector, self.token, self.kind, self.owner_id = connector, token, kind, owner_id
        self.base = (base or connector.base).rstrip("/")
        self._spend, self._sleep = spend, sleep

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, cost: int = 1) -> dict[str, Any]:
        return self._ask("GET", path, params, None, cost)

    def post(self, path: str, params: Mapping[str, Any], body: Mapping[str, Any], *, cost: int = 1) -> dict[str, Any]:
        return self._ask("POST", path, params, orjson.dumps(body), cost)

    def _ask(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: bytes | None, cost: int
    ) -> dict[str, Any]:
        headers = self.connector.headers(self.token, self.kind) | {"Accept": "application/json"}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        for attempt in range(1, TRIES + 1):
            self._spend(cost)
            wait, fault = min(LONGEST_WAIT, 2.0**attempt / 2), ConnectorError()
            try:
                answer = outbound.call(
                    method, f"{self.base}/{path}", params=params, body=body, headers=headers,
                    seconds=SECONDS, most_bytes=MOST_BYTES, truncate=False,
                )  # fmt: skip
            except outbound.TargetRefused as error:
                raise AccessLost(f"address: {error.code}") from error
            except outbound.TargetFailed as error:
                fault = Busy(error.code)
            else:
                data = _read(answer.body)
                found = self.connector.fault(answer.status, data)
                if found is None and answer.status < 300:
                    if not isinstance(data, dict):
                        raise BadAnswer("no object")
                    return data
                fault = found or (Busy if answer.status >= 500 or answer.status == 429 else Refused)(str(answer.status))
                wait = _wait(answer.headers.get("Retry-After"), wait)
            if not isinstance(fault, Busy):
                raise fault
            if attempt == TRIES:
                raise fault
            self._sleep(wait)
        raise Busy


def _read(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _wait(asked: str | None, otherwise: float) -> float:
    return min(LONGEST_WAIT, float(asked)) if asked and asked.isdigit() else otherwise


def count(value: Any) -> int | None:
    """A counter as networks write them ("1234", 1234); hidden or missing is None, never 0."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = int(value)
    except (TypeError, ValueError):
        return None
    return number if number >= 0 else None


def without_none(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row says only what is known: what it leaves out keeps its older value."""
    return {name: value for name, value in row.items() if value not in (None, "")}
