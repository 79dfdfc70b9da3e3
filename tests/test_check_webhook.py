"""Posting to a webhook: what arrives, when it is tried again, and that its address stays secret."""

import json
import threading
from contextlib import closing
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket

import pytest

from lib import demo
from lib.check import webhook
from lib.check.__main__ import main
from lib.errors import DriftlineError

PATH = "/workflows/s3cr3t?sig=s3cr3t"


@pytest.fixture
def server():
    """A webhook on this machine; `answers` are (status, headers), the last one stays."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.received.append((self.path, dict(self.headers), body))
            status, headers = hook.answers.pop(0) if hook.answers else (202, {})
            if status == 0:
                return self.connection.close()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            return self.end_headers()

        def log_message(self, *_):
            pass

    hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    hook.answers, hook.received = [], []
    hook.url = f"http://127.0.0.1:{hook.server_port}{PATH}"
    threading.Thread(target=hook.serve_forever, args=(0.01,), daemon=True).start()
    yield hook
    hook.shutdown()
    hook.server_close()


@pytest.fixture
def pauses():
    return []


def refused(url, pauses):
    with pytest.raises(DriftlineError) as caught:
        webhook.post(url, b"{}", pauses.append)
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value.message


def test_what_is_posted_arrives_as_json(server, pauses):
    webhook.post(server.url, b'{"a": 1}', pauses.append)
    [(path, headers, body)] = server.received
    assert (path, body) == (PATH, b'{"a": 1}')
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["User-Agent"] == "driftline"
    assert pauses == []


def test_a_server_that_fails_once_is_asked_again(server, pauses):
    server.answers += [(500, {})]
    webhook.post(server.url, b"{}", pauses.append)
    assert len(server.received) == 2
    assert pauses == [2.0]


def test_a_busy_server_says_when_to_come_again_but_not_for_ever(server, pauses):
    server.answers += [(429, {"Retry-After": "7"}), (503, {"Retry-After": "9999"})]
    webhook.post(server.url, b"{}", pauses.append)
    assert pauses == [7.0, 30.0]


def test_a_date_to_come_again_is_not_waited_for(server, pauses):
    server.answers += [(429, {"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"})]
    webhook.post(server.url, b"{}", pauses.append)
    assert pauses == [2.0]


def test_a_connection_that_ends_early_is_tried_again(server, pauses):
    server.answers += [(0, {})]
    webhook.post(server.url, b"{}", pauses.append)
    assert len(server.received) == 2


def test_after_three_tries_it_gives_up(server, pauses):
    server.answers += [(500, {})] * 5
    assert refused(server.url, pauses) == "The webhook answered 500 (3 tries)."
    assert len(server.received) == 3
    assert pauses == [2.0, 4.0]


@pytest.mark.parametrize("status", [400, 401, 404, 410, 413])
def test_a_refusal_is_final(server, pauses, status):
    server.answers += [(status, {})]
    assert refused(server.url, pauses) == f"The webhook answered {status}."
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server, pauses, status):
    server.answers += [(status, {"Location": f"{server.url}/elsewhere"})]
    assert refused(server.url, pauses) == f"The webhook answered {status}."
    assert len(server.received) == 1


def test_where_nobody_listens_it_tries_three_times(pauses):
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    message = refused(f"http://127.0.0.1:{port}{PATH}", pauses)
    assert message == "The webhook cannot be reached (3 tries)."
    assert pauses == [2.0, 4.0]


def test_a_certificate_that_does_not_fit_or_no_tls_at_all_is_an_error(server, pauses):
    message = refused(server.url.replace("http://", "https://"), pauses)
    assert message == "The webhook cannot be reached (3 tries)."
    assert server.received == []


def test_this_machine_is_not_asked_by_way_of_a_proxy(server, pauses, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    webhook.post(server.url, b"{}", pauses.append)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/x",
        "HTTPS://example.com:8443/x?sig=%2B",
        "http://127.0.0.1:80/",
        "http://[::1]/",
        "http://localhost/",
    ],
)
def test_https_and_this_machine_are_allowed(url):
    assert webhook.checked(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/s3cr3t",
        "http://example.com/s3cr3t",
        "http://127.0.0.1@example.com/s3cr3t",
        "http://127.0.0.1.example.com/s3cr3t",
        "https://user:s3cr3t@example.com/",
        "https://example.com:port/s3cr3t",
        "https://exa mple.com/s3cr3t",
        "https://example.com/s3cr3t\n",
        "https://[::1/s3cr3t",
        "ftp://example.com/s3cr3t",
        "file:///etc/s3cr3t",
    ],
)
def test_nothing_else_is_and_no_error_repeats_it(url):
    with pytest.raises(DriftlineError) as caught:
        webhook.checked(url)
    assert "s3cr3t" not in str(caught.value)


# From the command line.


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("account")
    demo.write(path, date(2026, 11, 20), days=18)
    return str(path)


def ask(folder, *arguments, **environ):
    scope = ("--service=credit-risk-svc", "--version=4", "--identifier=inputs", "--quiet")
    days = ("--window=7", "--reference=2026-11-03..2026-11-07")
    today = {"DRIFTLINE_TODAY": "2026-11-20", "DRIFTLINE_PROFILES_FOLDER": "off"}
    return main(["--folder", folder, *scope, *days, *arguments], today | environ)


@pytest.mark.parametrize("form", ["json", "teams", "slack"])
def test_what_was_found_is_posted(server, folder, form, capsys):
    assert ask(folder, "--webhook", server.url, "--webhook-format", form) == 1
    [(_, _, body)] = server.received
    told = json.loads(body)
    assert "income" in body.decode()
    assert {"json": "schema", "teams": "attachments", "slack": "blocks"}[form] in told
    assert capsys.readouterr() == ("", "")


def test_without_a_finding_it_is_posted_only_if_wanted(server, folder):
    assert ask(folder, "--ignore=income", DRIFTLINE_WEBHOOK=server.url) == 0
    assert server.received == []
    assert ask(folder, "--ignore=income", "--always", DRIFTLINE_WEBHOOK=server.url) == 0
    [(_, _, body)] = server.received
    assert json.loads(body)["result"] == "nothing found"


def test_what_was_not_delivered_ends_with_2_and_says_so(server, folder, capsys):
    server.answers += [(404, {})]
    assert ask(folder, "--webhook", server.url) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("driftline: The webhook answered 404.")
    assert "s3cr3t" not in printed
