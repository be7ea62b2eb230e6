"""The shared lake: its addresses, DuckDB's extensions, a connection with the lake attached, its lock, its snapshots.

Belongs here: how the lake is reached, and what it holds. Does not: what is written to it (``lake``).
A lake is a DuckLake: its catalog is a PostgreSQL database, its rows are Parquet files on a shared disk or in S3.
Needs the extra ``lake``. The addresses hold secrets, so no message and no file repeats them.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import duckdb

from warehouse.candidate import text
from warehouse.database import in_memory
from warehouse.errors import LakeError
from warehouse.home import Home

EXTENSIONS = ("ducklake", "postgres_scanner", "httpfs")
CATALOG = "UPDRAFT_LAKE must be postgresql://USER:PASSWORD@HOST:5432/DATABASE"
FILES = "UPDRAFT_LAKE_FILES must be where the lake's files lie: an absolute /shared/folder, or s3://BUCKET/PREFIX"
LOCK = 7_261_483  # one number of PostgreSQL's advisory locks: who holds it commits; any number that nobody else uses
PATIENCE = 900  # seconds to wait for another pipeline's commit: the first one of a large universe takes minutes
MESSAGE = "updraft generation"  # with which the message of each of our commits begins
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Lake:
    """Where a lake is and as whom it is entered. ``catalog``: what PostgreSQL's library is told, but for the password."""

    catalog: Mapping[str, str]
    files: str
    password: str = field(default="", repr=False)
    s3: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_on_s3(self) -> bool:
        """Whether the files are objects of S3."""
        return self.files.startswith("s3://")

    @property
    def shown(self) -> str:
        """The catalog's address for people: without the password."""
        told = self.catalog
        return f"postgresql://{told['user']}@{told['host']}:{told['port']}/{told['dbname']}"

    def without_secrets(self, words: str) -> str:
        """A message of PostgreSQL, DuckDB or S3, which may quote what it was given."""
        secrets = (self.password, self.s3.get("SECRET", ""), self.s3.get("SESSION_TOKEN", ""))
        for secret in {form for one in secrets if one for form in (one, quote(one, safe=""), one.replace("'", "''"))}:
            words = words.replace(secret, "***")
        return words


@dataclass(frozen=True)
class Snapshot:
    """One commit of a pipeline: the number of the lake's snapshot, and what the commit says of its generation."""

    number: int
    committed_at: datetime
    pipeline: str
    told: Mapping[str, Any]

    @property
    def as_of(self) -> datetime:
        """The moment that its generation is as of."""
        return datetime.fromisoformat(self.told["as_of"])


def lake_at(environment: Mapping[str, str]) -> Lake:
    """The lake of UPDRAFT_LAKE and UPDRAFT_LAKE_FILES, with the usual variables of AWS. Raises LakeError."""
    try:
        at = urlsplit(environment.get("UPDRAFT_LAKE", ""))
        port = at.port or 5432
    except ValueError:
        raise LakeError(f"{CATALOG}; its port is no number, or a sign of the password needs %-encoding") from None
    if at.scheme not in ("postgresql", "postgres") or not at.hostname or not at.username or not at.path.strip("/"):
        raise LakeError(CATALOG)
    catalog = {
        "host": at.hostname, "port": str(port), "user": unquote(at.username), "dbname": unquote(at.path.strip("/")),
        "connect_timeout": "10", **dict(parse_qsl(at.query)),
    }  # fmt: skip
    files = environment.get("UPDRAFT_LAKE_FILES", "").rstrip("/")
    if not (files.startswith("/") or re.match(r"s3://[^/]+", files)):
        raise LakeError(FILES)
    s3 = _s3(environment) if files.startswith("s3://") else {}
    return Lake(catalog, files, unquote(at.password or ""), s3)


def _s3(environment: Mapping[str, str]) -> dict[str, str]:
    """What DuckDB's secret for S3 is told."""
    given = {
        "KEY_ID": "AWS_ACCESS_KEY_ID", "SECRET": "AWS_SECRET_ACCESS_KEY", "SESSION_TOKEN": "AWS_SESSION_TOKEN",
        "REGION": "AWS_REGION",
    }  # fmt: skip
    found = {name: environment[variable] for name, variable in given.items() if environment.get(variable)}
    lacking = [given[name] for name in ("KEY_ID", "SECRET") if name not in found]
    if lacking:
        raise LakeError(f"UPDRAFT_LAKE_FILES lies in S3, and {' and '.join(lacking)} is not set")
    if "REGION" not in found and environment.get("AWS_DEFAULT_REGION"):
        found["REGION"] = environment["AWS_DEFAULT_REGION"]
    if endpoint := environment.get("AWS_ENDPOINT_URL", ""):
        at = urlsplit(endpoint)
        if at.scheme not in ("http", "https") or not at.netloc:
            raise LakeError("AWS_ENDPOINT_URL must be http://HOST:PORT or https://HOST")
        found |= {"ENDPOINT": at.netloc, "USE_SSL": str(at.scheme == "https").lower(), "URL_STYLE": "path"}
    return found


def pipeline_named(name: str) -> str:
    """The name, if schemas of the lake can be called so. Raises LakeError."""
    if not _NAME.fullmatch(name) or name.endswith("_meta") or name in ("main", "pg_catalog", "information_schema"):
        raise LakeError(
            f"a pipeline cannot be called {name!r}: small letters, digits and _ with a letter first, at most 40, not"
            " ending in _meta (its schemas in the lake are NAME and NAME_meta). Name it with --pipeline or"
            " UPDRAFT_LAKE_PIPELINE"
        )
    return name


def pipeline_of(slug: str) -> str:
    """The name a pipeline has where none was given: that of its vendors mode, in the letters that a name may have."""
    plain = re.sub(r"[^a-z0-9_]+", "_", slug.lower()).strip("_")[:30]
    return pipeline_named(plain if plain[:1].isalpha() else f"from_{plain}")


def extension_files() -> dict[str, Path]:
    """The file of each extension, from its package. Raises LakeError where one is missing: nothing is downloaded."""
    found, missing = {}, []
    for name in EXTENSIONS:
        spec = importlib.util.find_spec(f"duckdb_extension_{name}")
        folder = Path(spec.origin).parent if spec and spec.origin else None
        file = folder and folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if file and file.is_file():
            found[name] = file
        else:
            missing.append(name)
    if missing:
        raise LakeError(
            f"the lake needs DuckDB's extensions {', '.join(missing)} for DuckDB {duckdb.__version__}, and their packages"
            " are not installed. Run: make extras, or unset UPDRAFT_LAKE"
        )
    return found


@contextlib.contextmanager
def session(home: Home, lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which ``enter`` attaches the lake; what goes wrong is raised as LakeError without any secret."""
    files = extension_files()
    # a missing extension is said, not fetched
    with in_memory(home, {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}) as con:
        try:
            for file in files.values():
                con.execute(f"LOAD {text(str(file))}")
            password = f", PASSWORD {text(lake.password)}" if lake.password else ""
            con.execute(f"CREATE SECRET lake_catalog (TYPE postgres{password})")
            if lake.is_on_s3:
                told = ", ".join(f"{name} {text(value)}" for name, value in lake.s3.items())
                con.execute(f"CREATE SECRET lake_files (TYPE s3, SCOPE {text(lake.files)}, {told})")
            yield con
        except duckdb.Error as error:
            said = lake.without_secrets(str(error)).strip()
            raise LakeError(f"the lake at {lake.shown}, files in {lake.files}: {said}") from None


def _dsn(lake: Lake) -> str:
    """In the form of PostgreSQL's library: a value in quotes, with its quotes and backslashes escaped."""
    escaped = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in lake.catalog.items()}
    return " ".join(f"{name}='{value}'" for name, value in escaped.items())


def reach(con: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Attach the catalog's database itself as ``guard``, for its lock. Raises LakeError where it does not answer."""
    try:
        con.execute(f"ATTACH {text(_dsn(lake))} AS guard (TYPE postgres, SECRET 'lake_catalog')")
    except duckdb.Error as error:
        said = lake.without_secrets(str(error)).strip()
        reason = said.partition('": ')[2] or said  # before it stands the address
        raise LakeError(f"UPDRAFT_LAKE: the database does not answer: {' '.join(reason.split())}") from None


def enter(con: duckdb.DuckDBPyConnection, lake: Lake, *, read_only: bool = False) -> None:
    """Attach the lake as ``lake``; without ``read_only`` a new one is made where there is none.

    Raises LakeError where there is none to read, where its files lie elsewhere than UPDRAFT_LAKE_FILES says, and where a
    new one would begin on files that are not its own: a lake removes files that its catalog does not know.
    """
    exists = bool(asked(con, "SELECT to_regclass('ducklake_metadata') IS NOT NULL AS answer"))
    if read_only and not exists:
        raise LakeError(f"there is no lake at {lake.shown} yet. Run: updraft publish-lake")
    options = ["META_SECRET 'lake_catalog'", "DATA_INLINING_ROW_LIMIT 0"]  # rows lie in files, all of them
    if read_only:
        options.append("READ_ONLY")
    if not exists:
        _is_empty(con, lake)
        options.append(f"DATA_PATH {text(lake.files + '/')}")
    con.execute(f"ATTACH {text('ducklake:postgres:' + _dsn(lake))} AS lake ({', '.join(options)})")
    ((kept,),) = con.execute("SELECT value FROM lake.options() WHERE option_name = 'data_path'").fetchall()
    if kept.rstrip("/") != lake.files:
        raise LakeError(f"the files of the lake at {lake.shown} lie in {kept}, but UPDRAFT_LAKE_FILES is {lake.files}")


def _is_empty(con: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    if lake.is_on_s3:
        held = con.execute(f"SELECT file FROM glob({text(lake.files + '/**')}) LIMIT 1").fetchall()
    else:
        folder = Path(lake.files)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LakeError(f"{folder} of UPDRAFT_LAKE_FILES cannot be written: {error.strerror}") from None
        held = [(str(path),) for path in list(folder.iterdir())[:1]]
    if held:
        raise LakeError(
            f"a new lake begins in an empty place, and {held[0][0]} lies in {lake.files}: a lake removes files that its"
            " catalog does not know. Name another place in UPDRAFT_LAKE_FILES, or the catalog that these files belong to"
        )


def asked(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The one column ``answer`` of the one row that PostgreSQL gives to a query."""
    ((answer,),) = con.execute(f"SELECT answer FROM postgres_query('guard', {text(query)})").fetchall()
    return answer


@contextlib.contextmanager
def committing(con: duckdb.DuckDBPyConnection, lake: Lake, patience: float = PATIENCE) -> Iterator[Lock]:
    """Hold the lake's lock: one pipeline commits at a time. It is PostgreSQL's, so a killed owner's is free at once.

    DuckLake tells commits that touch different tables apart and would let both pass, but two that make tables at once have
    been seen to damage a catalog (its issues 268 and 1404), and the first commits of two pipelines do just that.
    """
    own = con.cursor()  # a transaction of its own: the lock lasts as long as it
    own.execute("BEGIN")
    try:
        end = time.monotonic() + patience
        while not asked(own, f"SELECT pg_try_advisory_xact_lock({LOCK}) AS answer"):
            if time.monotonic() > end:
                raise LakeError(
                    f"another pipeline has been committing to the lake at {lake.shown} for {patience:.0f} s. Look at"
                    " pg_stat_activity there, then run: updraft publish-lake"
                )
            time.sleep(0.3)
        yield Lock(own)
    finally:
        with contextlib.suppress(duckdb.Error):  # a connection that broke has given the lock back already
            own.execute("ROLLBACK")
        own.close()


@dataclass(frozen=True)
class Lock:
    """The lock, as long as the connection that holds it lives."""

    connection: duckdb.DuckDBPyConnection

    def is_held(self) -> bool:
        """Raises duckdb.Error, too, where the connection broke: then somebody else may have it."""
        return bool(
            asked(
                self.connection,
                f"SELECT count(*) > 0 AS answer FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK}"
                " AND pid = pg_backend_pid() AND granted",
            )
        )


def snapshots(con: duckdb.DuckDBPyConnection, pipeline: str | None = None) -> list[Snapshot]:
    """The commits of a pipeline (None: of all) that the lake still holds, oldest first."""
    found = con.execute(
        "SELECT snapshot_id, snapshot_time, author, commit_extra_info FROM lake.snapshots()"
        f" WHERE starts_with(commit_message, '{MESSAGE} ') ORDER BY snapshot_id"
    ).fetchall()
    return [
        Snapshot(number, at, author, json.loads(told))
        for number, at, author, told in found
        if pipeline is None or author == pipeline
    ]


def how_to_read(lake: Lake, then: Snapshot) -> list[str]:
    """SQL with which any DuckDB of this version reads a pipeline, now and as it was ``then``; secrets are left out."""
    told = lake.catalog
    address = f"host={told['host']} port={told['port']} user={told['user']} dbname={told['dbname']}"
    name = then.pipeline
    secret = ["CREATE SECRET (TYPE postgres, PASSWORD '…');"]
    if lake.is_on_s3:
        plain = [f"{key} '{lake.s3[key]}'" for key in ("ENDPOINT", "URL_STYLE", "REGION") if key in lake.s3]
        plain += ["USE_SSL false"] if lake.s3.get("USE_SSL") == "false" else []
        secret.append(f"CREATE SECRET (TYPE s3, KEY_ID '…', SECRET '…'{''.join(', ' + one for one in plain)});")
    return [
        f"INSTALL ducklake; INSTALL postgres;{' INSTALL httpfs;' if lake.is_on_s3 else ''}",
        *secret,
        "ATTACH",
        f"  'ducklake:postgres:{address}'",
        "  AS lake (READ_ONLY);",
        f"SELECT generation, as_of FROM lake.{name}_meta.receipt;",
        f"FROM lake.{name}.answer_daily;",
        f"-- as {then.told['generation']} had it:",
        f"FROM lake.{name}.answer_daily AT (VERSION => {then.number});",
        "-- several queries of one generation: BEGIN; …; COMMIT;",
    ]
