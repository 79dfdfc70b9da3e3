"""A proxy that stands before a server on this machine and spoils some of its answers.

    with proxy("http://127.0.0.1:10000") as between:
        between.rules = [Rule(status(503, "ServerBusy"), "GET", r"/inputs\\.csv")]

Every answer is the server's own, fetched first; an `Act` says what becomes of it on the way.
"""

import gzip
import http.client
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Reply:
    """An answer on its way: what is said of it, its bytes, and how far and fast they get."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    length: int | None = None  # what Content-Length says, if not the truth
    sends: int | None = None  # bytes of the body until the connection is reset; -1: not a byte
    wait_s: float = 0.0  # before the first byte
    stall_s: float = 0.0  # between the headers and the body


Act = Callable[[Reply], Reply]


@dataclass
class Rule:
    """What is done to which requests: those whose method, path and query, and body match.

    The first `skip` of them pass, then `times` are met, and the rest pass again. `first` is
    called before the server is asked, as somebody who changes a blob meanwhile.
    """

    act: Act
    method: str = "GET"
    path: str = ""
    text: str = ""
    skip: int = 0
    times: int = 1_000_000
    first: Callable[[], None] | None = None
    seen: int = 0

    def meets(self, method: str, path: str, body: bytes) -> bool:
        """Count a request that matches, and say whether it is one to be spoilt."""
        if method != self.method or not re.search(self.path, unquote(path)):
            return False
        if self.text and not re.search(self.text.encode(), body):
            return False
        self.seen += 1
        return self.skip < self.seen <= self.skip + self.times


@dataclass
class Proxy:
    """A running proxy; `asked` are the requests that came, "GET /path?query"."""

    port: int
    upstream: str
    rules: list[Rule] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: "_Server | None" = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def listen(self) -> None:
        """Listen, from the second time on at the port of the first."""
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.proxy, self.port = self, self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def leave(self) -> None:
        """Close every connection and refuse further ones."""
        if self._server:
            self._server.leave()
        self._server = None

    def reply(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The server's answer, and what the first rule that meets it makes of that."""
        with self._lock:
            self.asked.append(f"{method} {unquote(path)}")
            rule = next((rule for rule in self.rules if rule.meets(method, path, body)), None)
        if rule and rule.first:
            rule.first()
        reply = self._fetched(method, path, headers, body)
        return rule.act(reply) if rule else reply

    def _fetched(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        place = urlsplit(self.upstream)
        server = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=60)
        try:
            server.request(method, path, body or None, dict(headers))
            answer = server.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            server.close()


# What can become of an answer.


def error(status: int, code: str, text: str = "No.", detail: str = "", **headers: str) -> Act:
    """An error of Blob storage: its code in a header and in the body, which may have a detail."""
    more = f"<AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail>" if detail else ""
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code>'
        f"<Message>{text}</Message>{more}</Error>"
    )
    sent = {"Content-Type": "application/xml", "x-ms-error-code": code}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Reply(status, sent, body.encode())


def logs_error(status: int, code: str, text: str = "No.", **headers: str) -> Act:
    """An error of Log Analytics, as the service nests it."""
    body = {"error": {"code": code, "message": text, "innererror": {"code": code, "message": text}}}
    sent = {"Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Reply(status, sent, json.dumps(body).encode())


def bare(status: int) -> Act:
    """A status alone, as a gateway in between gives it."""
    return lambda _: Reply(status, {}, b"")


def page(status: int = 200) -> Act:
    """The page of somebody else: a proxy that asks for a sign-in, a gateway in trouble."""
    html = b"<!doctype html><html><body>Please sign in to the network</body></html>"
    return lambda _: Reply(status, {"Content-Type": "text/html"}, html)


def body(text: bytes, kind: str = "application/json") -> Act:
    """Another body, with the status 200 and its own length."""
    return lambda _: Reply(200, {"Content-Type": kind}, text)


def empty() -> Act:
    """The status 200 and nothing."""
    return lambda reply: replace(reply, body=b"", status=200)


def changed(how: Callable[[bytes], bytes]) -> Act:
    """The answer with its body changed, and the length put right."""
    return lambda reply: replace(reply, body=how(reply.body))


def halved() -> Act:
    """Half of the body, as if that were all."""
    return changed(lambda body: body[: len(body) // 2])


def cut() -> Act:
    """The connection breaks in the middle of the body."""
    return lambda reply: replace(reply, sends=len(reply.body) // 2)


def reset() -> Act:
    """The connection breaks before the first byte."""
    return lambda reply: replace(reply, sends=-1)


def late(seconds: float) -> Act:
    """The first byte takes its time."""
    return lambda reply: replace(reply, wait_s=seconds)


def stalled(seconds: float) -> Act:
    """The headers come at once, the body does not."""
    return lambda reply: replace(reply, stall_s=seconds)


def longer(than: int = 100) -> Act:
    """A Content-Length of more bytes than come."""
    return lambda reply: replace(reply, length=len(reply.body) + than)


def without(header: str) -> Act:
    """The answer without one header."""

    def act(reply: Reply) -> Reply:
        left = {k: v for k, v in reply.headers.items() if k.lower() != header.lower()}
        return replace(reply, headers=left)

    return act


def gzipped() -> Act:
    """The blob as one that was uploaded compressed, with a Content-Encoding that says so."""

    def act(reply: Reply) -> Reply:
        data = gzip.compress(reply.body)
        ranged = {"Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}"}
        bare = without("Content-Range")(reply).headers
        return replace(reply, headers={**bare, **ranged, "Content-Encoding": "gzip"}, body=data)

    return act


_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def log_message(self, *_: object) -> None:
        """Tests are silent."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = {k: v for k, v in self.headers.items() if k.lower() not in _HOP}
        data = self.rfile.read(length)
        reply = self.server.proxy.reply(self.command, self.path, sent, data)
        # A client that has no more patience is gone by now.
        with suppress(OSError):
            self._send(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def _send(self, reply: Reply) -> None:
        self.server.stopped.wait(reply.wait_s)
        if reply.sends == -1:
            self._break()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        length = len(reply.body) if reply.length is None else reply.length
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.flush()
        self.server.stopped.wait(reply.stall_s)
        if self.command != "HEAD":
            self.wfile.write(reply.body[: reply.sends])
        if reply.sends is not None or reply.length is not None:
            self._break()

    def _break(self) -> None:
        """Close the connection; before anything was sent, with a reset in place of an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: Proxy

    def __init__(self, *rest: Any) -> None:
        self.stopped = threading.Event()
        self.open: list[socket.socket] = []
        super().__init__(*rest)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.append(request)
        super().process_request(request, client_address)

    def leave(self) -> None:
        self.stopped.set()
        self.shutdown()
        self.server_close()
        for each in self.open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that breaks is what is wanted."""


@contextmanager
def proxy(upstream: str) -> Iterator[Proxy]:
    """A proxy before a server, while the block runs."""
    between = Proxy(0, upstream)
    between.listen()
    try:
        yield between
    finally:
        between.leave()
