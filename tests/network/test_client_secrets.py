"""A key is nowhere but on the wire: not in answers, exceptions and their chains, logs or landing."""

from __future__ import annotations

import json
import logging
import socket
import traceback
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import wire

from ingestion.fetch import ask, fetch
from ingestion.http import Client, lacking, redact
from ingestion.source import Request, VendorError
from ingestion.transport import Vendors
from warehouse.landing import Landing

QUERY, ENVIRONMENT, HEADER = "CANARY-in-a-query-51", "CANARY-in+env/71==", "CANARY-in-a-header-91"
# What a source that wants a key declares: the client adds it to the question.
KEYED = {"key_variable": "UPDRAFT_TEST_API_KEY", "key_parameter": "registrationkey"}
ADDED = "registrationkey=CANARY-in%2Benv%2F71%3D%3D"
CANARIES = (QUERY, ENVIRONMENT, HEADER, "CANARY")


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_TEST_API_KEY", ENVIRONMENT)


def question(path: str = "/numbers.csv") -> Request:
    from urllib.parse import quote

    query = f"id=A&api_key={QUERY}&vendorkey={quote(ENVIRONMENT, safe='')}"
    return wire.request(path=f"{path}?{query}", headers=(("Authorization", f"Bearer {HEADER}"),))


def echo(status: str, *headers: str) -> wire.Reply:
    """An answer that says the whole question back, as login and limit pages do."""

    def send(connection: socket.socket, asked: bytes) -> None:
        body = b"<html>you asked " + asked + ENVIRONMENT.encode() + b"</html>"
        connection.sendall(wire.reply(body, status, *headers))

    return send


def echo_malformed(connection: socket.socket, asked: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + f"{QUERY} {ENVIRONMENT} {HEADER}".encode() + b"\r\n\r\n")


TELLING = (f"ETag: {QUERY}", f"Location: https://elsewhere.example/?api_key={QUERY}&k={ENVIRONMENT}&h={HEADER}")
PATHS: dict[str, wire.Reply] = {
    "data": wire.reply(wire.GOOD, "200 OK", *TELLING),
    "html": echo("200 OK"),
    "forbidden": echo("403 Forbidden", *TELLING),
    "limited": echo("429 Too Many", f"Retry-After: {QUERY}"),
    "server-error": echo("500 Oops"),
    "missing": echo("404 Not Found"),
    "redirect": echo("302 Found", *TELLING),
    "broken-redirect": echo("302 Found", f"Location: https://[{QUERY}"),
    "malformed": echo_malformed,
    "short": wire.reply(QUERY.encode(), length=999),
    "bad-gzip": wire.reply(QUERY.encode(), "200 OK", "Content-Encoding: gzip"),
    "coding": wire.reply(b"", "200 OK", f"Content-Encoding: {QUERY}"),
    "nothing": b"",
}


def chain(error: BaseException) -> Iterator[BaseException]:
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is not None:
            yield one
            todo += [one.__cause__, one.__context__]


def assert_clean(text: str) -> None:
    assert not [canary for canary in CANARIES if canary in text], text


@pytest.mark.parametrize("path", PATHS)
def test_no_error_path_tells_a_key(server: wire.Server, path: str, caplog: pytest.LogCaptureFixture) -> None:
    server.says(PATHS[path])
    caplog.set_level(logging.DEBUG)
    with wire.client(server.base) as client:
        try:
            answer = client.get(wire.source(**KEYED), question())
        except VendorError as error:
            for one in chain(error):
                assert_clean(f"{one} {one!r} {vars(one)} {getattr(one, 'request', '')}")
            assert_clean("".join(traceback.format_exception(error)))
        else:
            assert_clean(f"{answer} {answer.url} {answer.headers} {answer.body!r}")
    sent = server.heard[0].decode()
    assert QUERY in sent and HEADER in sent and ADDED in sent, "the vendor did get the keys"
    assert_clean(caplog.text)


@pytest.mark.parametrize("path", PATHS)
def test_no_pack_holds_a_key(server: wire.Server, path: str, tmp_path: Path) -> None:
    server.says(PATHS[path])
    landing = Landing(tmp_path)
    with wire.client(server.base) as client:
        keyed = wire.source(**KEYED)
        report = fetch(client, keyed, [question()], lambda got: landing.write("numbers", got), lambda: wire.NOW)
    assert ADDED in server.heard[0].decode()
    assert_clean(f"{report} {report.failure(keyed)}")
    (pack,) = landing.packs("numbers")
    assert_clean(pack.path.name)
    for row in pl.read_parquet(pack.path).iter_rows(named=True):
        assert_clean(json.dumps(row, default=lambda value: value.decode() if isinstance(value, bytes) else str(value)))


def test_a_key_the_vendor_does_not_take_names_the_variable(server: wire.Server) -> None:
    said = (
        b'{"error_code":400,"error_message":"Bad Request.  The value for variable registrationkey is not registered."}'
    )
    server.says(wire.reply(said, "400 Bad Request"))
    with wire.client(server.base) as client:
        refused = ask(client, wire.source(**KEYED), wire.request(), lambda: wire.NOW)
        other = ask(client, wire.source(), wire.request(), lambda: wire.NOW)
    assert refused.outcome == "error" and "check the value of UPDRAFT_TEST_API_KEY" in refused.note
    assert "UPDRAFT_TEST_API_KEY" not in other.note, "a source without a key has none to check"
    assert_clean(refused.note)


@pytest.mark.parametrize("key", ["", "   ", "canary"])
def test_what_is_too_short_for_a_key_is_not_sent(
    server: wire.Server, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """A value of a few letters could not be told from data, so it could not be blanked where a vendor echoes it."""
    monkeypatch.setenv("UPDRAFT_TEST_API_KEY", key)
    sample = Vendors("sample")
    assert lacking(wire.source(**KEYED), sample) == ("" if key.strip() else "UPDRAFT_TEST_API_KEY")
    assert not lacking(wire.source(), sample)
    with wire.client(server.base) as client:
        received = ask(client, wire.source(**KEYED), wire.request(), lambda: wire.NOW)
    assert received.outcome == "error" and "UPDRAFT_TEST_API_KEY" in received.note and "canary" not in received.note
    assert server.heard == []


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_a_key_that_only_the_client_knows_is_blanked_where_it_is_echoed(server: wire.Server, status: str) -> None:
    server.says(echo(status))
    with wire.client(server.base) as client:
        received = ask(client, wire.source(**KEYED), wire.request(), lambda: wire.NOW)
    assert ADDED in server.heard[0].decode() and received.answer is not None
    assert b"REDACTED" in received.answer.body
    assert_clean(f"{received.request} {received.note} {received.answer.url} {received.answer.body.decode()}")


def test_a_refused_connection_tells_no_key() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with wire.client(f"http://127.0.0.1:{port}") as client, pytest.raises(VendorError) as caught:
        client.get(wire.source(**KEYED), question())
    assert_clean("".join(traceback.format_exception(caught.value)))
    assert [type(one) for one in chain(caught.value)] == [type(caught.value)], "no chain to the client's own exception"


@pytest.mark.parametrize("value", [f"{HEADER}\n", f"{HEADER} é€"])
def test_a_key_that_cannot_be_sent_is_not_told(server: wire.Server, value: str) -> None:
    asked = wire.request(headers=(("X-Api-Key", value),))
    with wire.client(server.base) as client:
        received = ask(client, wire.source(), asked, lambda: wire.NOW)
    assert received.outcome == "error"
    assert_clean(f"{received.note} {received.answer}")


def test_data_is_not_touched_by_redaction(server: wire.Server) -> None:
    """Only exact values of keys are blanked in bodies; a column that is named like a key stays."""
    body = b'day,value\n# token=abcdefghij key=12345678 "password": "hunter22"\n'
    server.says(wire.reply(body))
    with wire.client(server.base) as client:
        assert client.get(wire.source(), wire.request(path="/x?api_key=short")).body == body


@pytest.mark.parametrize(
    "text",
    [
        "https://x/?api_key={}", "https://x/?a=1&apikey={}&b=2", "https://x/?fred_api_key={}", "APIKEY={}",
        "registrationkey={}", "access_token={}", "x-amz-signature={}", '{{"api_key": "{}"}}', "crumb={}",
        "next=https%3A%2F%2Fx%3Fapi_key%3D{}%26b", "client_secret={}", "password={}",
    ],
)  # fmt: skip
def test_pairs_that_look_like_keys_are_blanked(text: str) -> None:
    clean = redact(text.format("s3cr3tvalue"))
    assert "s3cr3tvalue" not in clean and "REDACTED" in clean


def test_ordinary_text_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_SHORT_TOKEN", "data")
    text = "GET https://x/data?id=DGS10&cosd=2020-01-01: HTTP 500"
    assert redact(text) == text


def test_the_client_can_be_used_without_any_key(server: wire.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UPDRAFT_TEST_API_KEY")
    with wire.client(server.base) as client:
        assert isinstance(client, Client)
        assert client.get(wire.source(), wire.request()).body == wire.GOOD


@pytest.mark.parametrize(
    ("contact", "mode", "lacks"),
    [
        (None, "live", "UPDRAFT_CONTACT"),
        (" ", "http://127.0.0.1:8099", "UPDRAFT_CONTACT"),
        ("somebody", "live", "UPDRAFT_CONTACT"),
        ("desk@vendor.example", "live", ""),
        ("desk@vendor.example", "http://127.0.0.1:8099", ""),
        (None, "sample", ""),
    ],
)
def test_a_vendor_that_wants_a_contact_is_not_asked_without_one(
    monkeypatch: pytest.MonkeyPatch, contact: str | None, mode: str, lacks: str
) -> None:
    monkeypatch.delenv("UPDRAFT_CONTACT", raising=False)
    if contact is not None:
        monkeypatch.setenv("UPDRAFT_CONTACT", contact)
    vendors = Vendors.from_text(mode)
    assert lacking(wire.source(needs_contact=True), vendors) == lacks
    assert lacking(wire.source(), vendors) == ""
