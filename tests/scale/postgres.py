"""A real PostgreSQL server on loopback, in a folder of its own. Belongs here: start, stop, databases. Does not: Updraft."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from loopback import free_port

USER = "updraft"


@dataclass(frozen=True)
class Postgres:
    """A server that runs: its port, and the password of the user ``updraft``, who may make databases."""

    port: int
    password: str

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Postgres]:
        """A server for the time of the block."""
        there, folder = programs(), Path(tempfile.mkdtemp(prefix="updraft-postgres-"))
        password, port = secrets.token_hex(12), free_port()
        (folder / "password").write_text(password)
        # PostgreSQL does not run as root; elsewhere whoever runs the tests runs it
        owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        as_owner = {"user": owner.pw_uid, "group": owner.pw_gid} if owner else {}
        if owner:
            for path in (folder, folder / "password"):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        data = folder / "data"

        def call(program: str, *args: str) -> None:
            subprocess.run(
                [there / program, "-D", data, *args],
                check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_owner,
            )  # fmt: skip

        try:
            call("initdb", "-U", USER, "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "-E", "UTF8")
            options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
            call("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
            try:
                yield cls(port, password)
            finally:
                call("pg_ctl", "-w", "-m", "immediate", "stop")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def address(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def new_database(self, name: str) -> str:
        """Make an empty database; its address."""
        connection = psycopg2.connect(self.address("postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
                cursor.execute(f'CREATE DATABASE "{name}"')
        finally:
            connection.close()
        return self.address(name)


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
        Path(path) for path in (shutil.which("initdb"),) if path
    ]
    return found[-1].parent if found else None
