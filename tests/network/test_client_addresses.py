"""Where the client may go: allowed hosts, redirects, base URLs, escapes."""

from __future__ import annotations

import pytest
import wire

from ingestion.http import HttpError
from ingestion.transport import Vendors


def moved(location: str, status: str = "302 Found") -> bytes:
    return wire.reply(b"", status, *([f"Location: {location}"] if location else []))


@pytest.mark.parametrize(
    ("location", "then"),
    [
        (f"https://{wire.SIBLING}/new.csv", f"/{wire.SIBLING}/new.csv"),
        ("/new.csv?a=%5Eb", f"/{wire.HOST}/new.csv?a=%5Eb"),
        ("new.csv", f"/{wire.HOST}/new.csv"),
        (f"//{wire.SIBLING}/x", f"/{wire.SIBLING}/x"),
        (f"https://{wire.HOST}:443/x", f"/{wire.HOST}/x"),
    ],
)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 Temporary", "308 Permanent"])
def test_redirects_to_allowed_hosts_are_followed(server: wire.Server, location: str, then: str, status: str) -> None:
    server.says(moved(location, status), wire.reply())
    with wire.client(server.base) as client:
        answer = client.get(wire.source(), wire.request())
    assert answer.body == wire.GOOD
    assert server.targets == [f"/{wire.HOST}/numbers.csv", then]


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example/x",
        f"http://{wire.HOST}/x",
        "http://127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "file:///etc/passwd",
        "ftp://data.vendor.example/x",
        "javascript:alert(1)",
        f"https://{wire.HOST}.elsewhere.example/x",
        f"https://{wire.HOST}@elsewhere.example/x",
        f"https://{wire.HOST}:22/x",
        f"https://{wire.HOST}./x",
        "https://[broken/x",
        "https://data.vendor.example:port/x",
        "https://xn--/x",
        "",
    ],
)
def test_other_redirects_are_refused_without_a_visit(server: wire.Server, location: str) -> None:
    server.says(moved(location))
    with (
        wire.client(server.base) as client,
        pytest.raises(HttpError, match=r"(?i)redirect to|location header|idna|invalid ?url"),
    ):
        client.get(wire.source(), wire.request())
    assert set(server.targets) == {f"/{wire.HOST}/numbers.csv"}


def test_a_circle_of_redirects_ends(server: wire.Server) -> None:
    server.says(moved("/numbers.csv"))
    with wire.client(server.base) as client, pytest.raises(HttpError, match="more than 3 redirects"):
        client.get(wire.source(), wire.request())
    assert len(server.heard) == 4


def test_a_redirect_keeps_a_key_in_its_query(server: wire.Server) -> None:
    """Redaction is for what is kept, not for what is asked."""
    server.says(moved(f"https://{wire.SIBLING}/signed.csv?token=abcdefgh12345"), wire.reply())
    with wire.client(server.base) as client:
        answer = client.get(wire.source(), wire.request())
    assert server.targets[1] == f"/{wire.SIBLING}/signed.csv?token=abcdefgh12345"
    assert "abcdefgh12345" not in answer.url


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1", f"{wire.HOST}.elsewhere.example"])
def test_a_source_talks_to_its_own_hosts_only(server: wire.Server, host: str) -> None:
    with wire.client(server.base) as client, pytest.raises(HttpError, match="host must be one of"):
        client.get(wire.source(), wire.request(host=host))
    assert server.heard == []


@pytest.mark.parametrize(
    "path",
    [
        "/v8/finance/chart/%5EGSPC?period1=0&events=div%7Csplit&includePrePost=false",
        "/a%2Fb/c%20d?x=1%262&y=%E2%82%AC",
        "/plain?empty=",
        "/",
    ],
)
def test_escapes_reach_the_mirror_as_they_are(server: wire.Server, path: str) -> None:
    with wire.client(server.base) as client:
        client.get(wire.source(), wire.request(path=path))
    assert server.targets == [f"/{wire.HOST}{path}"]
    assert f"Host: {server.base.removeprefix('http://')}\r\n".encode() in server.heard[0]


def test_a_mirror_may_lie_below_a_path(server: wire.Server) -> None:
    vendors = Vendors.from_text(f"{server.base}/mirror/")
    with wire.client(vendors.base) as client:
        client.get(wire.source(), wire.request())
    assert server.targets == [f"/mirror/{wire.HOST}/numbers.csv"]


def test_headers_of_the_request_are_sent(server: wire.Server) -> None:
    with wire.client(server.base) as client:
        client.get(wire.source(), wire.request(headers=(("Referer", "https://vendor.example/"),)))
    assert b"Referer: https://vendor.example/\r\n" in server.heard[0]


@pytest.mark.parametrize(
    ("text", "mode", "world", "slug"),
    [
        ("sample", "sample", "sample", "sample"),
        ("live", "live", "real", "live"),
        ("http://127.0.0.1:8099", "base", "real", "127.0.0.1-8099"),
        ("https://mirror.example/a/b/", "base", "real", "mirror.example-a-b"),
    ],
)
def test_vendors_modes(text: str, mode: str, world: str, slug: str) -> None:
    vendors = Vendors.from_text(text)
    assert (vendors.mode, vendors.world, vendors.slug) == (mode, world, slug)
    assert Vendors.from_text(str(vendors)) == vendors


@pytest.mark.parametrize(
    "text",
    [
        "", "real", "Sample", "127.0.0.1:8099", "ftp://x", "http://", "http://x?y=1", "http://x#y", "http://u:p@x",
        "http://x:port", "http://x:99999", "http://[x", "file:///etc",
    ],
)  # fmt: skip
def test_other_vendors_are_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="must be 'sample', 'live' or a base URL"):
        Vendors.from_text(text)
