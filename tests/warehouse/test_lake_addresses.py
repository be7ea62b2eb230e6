"""The lake's addresses, names and messages: no secret is shown, and what cannot be used is said. Needs no server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from warehouse import lake_catalog
from warehouse.errors import LakeError
from warehouse.home import Home
from warehouse.lake_catalog import Lake, Snapshot, how_to_read, lake_at, pipeline_named, pipeline_of

CATALOG = "postgresql://up%40draft:p%40ss%27word@db.example:6432/la%20ke?sslmode=require"
S3 = {
    "UPDRAFT_LAKE": CATALOG, "UPDRAFT_LAKE_FILES": "s3://bucket/prefix/", "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "canary-secret", "AWS_SESSION_TOKEN": "canary-token", "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9000",
}  # fmt: skip


def test_an_address_is_read_as_postgresql_reads_it() -> None:
    lake = lake_at({"UPDRAFT_LAKE": CATALOG, "UPDRAFT_LAKE_FILES": "/shared/lake/"})
    assert dict(lake.catalog) == {
        "host": "db.example", "port": "6432", "user": "up@draft", "dbname": "la ke", "connect_timeout": "10", "sslmode": "require",
    }  # fmt: skip
    assert (lake.password, lake.files, lake.is_on_s3, dict(lake.s3)) == ("p@ss'word", "/shared/lake", False, {})


def test_s3_is_reached_by_the_usual_variables() -> None:
    lake = lake_at(S3)
    assert lake.is_on_s3 and lake.files == "s3://bucket/prefix"
    assert dict(lake.s3) == {
        "KEY_ID": "key", "SECRET": "canary-secret", "SESSION_TOKEN": "canary-token", "REGION": "eu-central-1",
        "ENDPOINT": "127.0.0.1:9000", "USE_SSL": "false", "URL_STYLE": "path",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"UPDRAFT_LAKE": "mysql://a:b@h/d"}, "UPDRAFT_LAKE must be postgresql://"),
        ({"UPDRAFT_LAKE": "postgresql://a:canary-secret@h"}, "UPDRAFT_LAKE must be postgresql://"),
        ({"UPDRAFT_LAKE": "postgresql://a:canary/secret@h:5432/d"}, "%-encoding"),
        ({"UPDRAFT_LAKE_FILES": ""}, "UPDRAFT_LAKE_FILES must be"),
        ({"UPDRAFT_LAKE_FILES": "relative/folder"}, "UPDRAFT_LAKE_FILES must be"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY is not set"),
        ({"AWS_ENDPOINT_URL": "127.0.0.1:9000"}, "AWS_ENDPOINT_URL must be"),
    ],
)
def test_what_cannot_be_used_is_said_without_a_secret(changed: dict[str, str], says: str) -> None:
    with pytest.raises(LakeError) as refused:
        lake_at(S3 | changed)
    assert says in str(refused.value)
    assert "canary" not in str(refused.value)


def test_no_message_and_no_representation_shows_a_secret() -> None:
    lake = lake_at(S3)
    quoted = (
        "cannot use postgresql://u:p%40ss%27word@h or password='p@ss''word', p@ss'word; canary-secret, canary-token"
    )
    told = [lake.without_secrets(quoted), repr(lake), lake.shown, *how_to_read(lake, _snapshot(lake))]
    for secret in ("canary", "p@ss", "p%40ss"):
        assert not [one for one in told if secret in one]
    assert told[0].count("***") == 5


def _snapshot(lake: Lake) -> Snapshot:
    return Snapshot(7, datetime(2026, 1, 16, tzinfo=UTC), "sample", {"generation": "000003-fa8b5553"})


def test_a_pipeline_is_called_like_its_schemas() -> None:
    assert [pipeline_of(slug) for slug in ("sample", "live", "127.0.0.1-8099-mirror")] == [
        "sample", "live", "from_127_0_0_1_8099_mirror",
    ]  # fmt: skip
    assert pipeline_named("second_universe") == "second_universe"


@pytest.mark.parametrize("name", ["", "Sample", "a-b", 'a"b', "1st", "sample_meta", "main", "a" * 41])
def test_a_name_that_cannot_be_a_schema_is_refused(name: str) -> None:
    with pytest.raises(LakeError, match="cannot be called"):
        pipeline_named(name)


def test_a_missing_extension_is_said_and_not_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_catalog, "EXTENSIONS", ("ducklake_of_nobody",))
    home = Home(tmp_path)
    lake = lake_at({"UPDRAFT_LAKE": CATALOG, "UPDRAFT_LAKE_FILES": str(tmp_path / "files")})
    with (
        pytest.raises(LakeError, match=r"ducklake_of_nobody for DuckDB .*Run: make extras"),
        lake_catalog.session(home, lake),
    ):
        pytest.fail("a connection without its extensions")
