"""The guarded client refuses what leads inside, whatever it is written as, and never waits long."""

import socket
import time

import pytest

from accounts import outbound
from tests.partners.receiver import dripping, receiver

INSIDE = [
    "https://127.0.0.1/x",
    "https://localhost/x",
    "https://10.0.0.8/x",
    "https://192.168.1.1/x",
    "https://172.16.5.5/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.100.100.200/",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:a9fe:a9fe]/x",
    "https://[fe80::1]/x",
    "https://[fd00::1]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0x7f.1/x",
    "https://0177.0.0.1/x",
    "https://127.1/x",
    "https://0/x",
    "https://0.0.0.0/x",
    "https://224.0.0.1/x",
]


@pytest.mark.parametrize("url", INSIDE)
def test_addresses_inside_are_refused(url: str) -> None:
    with pytest.raises(outbound.TargetRefused) as refusal:
        outbound.call("POST", url, body=b"{}", seconds=3)
    assert refusal.value.code == "address"


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "https://user:pw@example.com/", "https:///x", "https://exa mple.com/",
     "javascript:alert(1)", "https://example.com:0/", "https://[::1/", "//example.com", "https://example.com:99999/", ""],
)  # fmt: skip
def test_what_is_no_address_to_call_is_refused_before_it_is_resolved(url: str) -> None:
    with pytest.raises(outbound.TargetRefused):
        outbound.check_target(url)


def test_a_name_that_points_inside_is_refused_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check is made on the address that is connected to: a name that was harmless at first gains nothing."""
    asked = []

    def resolve(host: str, port: int, *args: object, **kwargs: object) -> list[tuple]:
        asked.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(asked) > 1 else "192.168.0.9", port or 443))
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for _ in range(2):
        with pytest.raises(outbound.TargetRefused):
            outbound.call("GET", "https://rebinding.example.com/", seconds=2)
    assert asked == ["rebinding.example.com"] * 2, "one resolution for each call"


def test_a_listed_local_address_is_allowed_but_no_redirect_is_followed(settings: object) -> None:
    with receiver(lambda path, headers, body: (302, b"", {"Location": "http://127.0.0.1:1/metadata"})) as target:
        with pytest.raises(outbound.TargetRefused):
            outbound.call("POST", target.url, body=b"x")
        settings.OUTBOUND_ALLOWED_HOSTS = [target.host]
        answer = outbound.call("POST", target.url, body=b"x")
        assert (answer.status, len(target.taken)) == (302, 1)


def test_a_long_answer_is_cut(settings: object) -> None:
    with receiver(lambda *request: (200, b"y" * 500_000, {})) as target:
        settings.OUTBOUND_ALLOWED_HOSTS = [target.host]
        answer = outbound.call("GET", target.url, most_bytes=1000)
        assert (len(answer.body), answer.truncated) == (1000, True)
        with pytest.raises(outbound.TargetFailed, match="too_large"):
            outbound.call("GET", target.url, most_bytes=1000, truncate=False)


def test_a_target_that_drips_is_cut_off_in_time(settings: object) -> None:
    with dripping() as port:
        settings.OUTBOUND_ALLOWED_HOSTS = [f"127.0.0.1:{port}"]
        begin = time.monotonic()
        with pytest.raises(outbound.TargetFailed, match="timeout"):
            outbound.call("GET", f"http://127.0.0.1:{port}/", seconds=1)
        assert time.monotonic() - begin < 2.5


def test_the_environment_s_proxy_is_not_used(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as target, receiver() as proxy:
        settings.OUTBOUND_ALLOWED_HOSTS = [target.host]
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert outbound.call("GET", target.url).status == 200
        assert (len(target.taken), len(proxy.taken)) == (1, 0)
