"""A partner's system: a real HTTP server that keeps what it is sent and answers as it is told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass
class Receiver:
    """answer: (path, headers, body) → (status, body, headers); None hangs until the end."""

    port: int
    answer: Callable[..., tuple[int, bytes, dict[str, str]] | None]
    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def verified(self, secret: str) -> list[dict[str, Any]]:
        return [Webhook(secret).verify(body, headers) for _path, headers, body in self.taken]


def fine(*_request: object) -> tuple[int, bytes, dict[str, str]]:
    return 200, b"ok", {}


@contextmanager
def receiver(answer: Callable[..., Any] = fine) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            given = here.answer(self.path, headers, body)
            if given is None:
                here.closing.wait(30)
                self.close_connection = True
                return
            here.taken.append((self.path, headers, body))
            status, text, extra = given
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = _take  # noqa: N815
        do_POST = _take  # noqa: N815  (the names that http.server looks for)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Receiver(server.server_address[1], answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        here.closing.set()
        server.shutdown()
        server.server_close()


@contextmanager
def dripping(piece: bytes = b"HTTP/1.1 200 OK\r\nX-Slow: ") -> Iterator[int]:
    """A target that sends one byte of its headers at a time, each within every time-out. Yields the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        listening.settimeout(5)
        try:
            one, _peer = listening.accept()
            one.sendall(piece)
            while not over.is_set():
                one.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        listening.close()
