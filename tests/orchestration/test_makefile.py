"""What `make` says when the machine is not as it should be: no packages, a port that is taken."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

from typer.testing import CliRunner

from orchestration.cli import app
from warehouse.home import REPO

NOWHERE = "http://127.0.0.1:9/simple"


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=REPO,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_failed_download_names_what_helps(tmp_path: Path) -> None:
    done = make(
        f"VENV={tmp_path}/venv", f"{tmp_path}/venv/.installed", PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL=NOWHERE,
        PIP_EXTRA_INDEX_URL="", PIP_FIND_LINKS="", PIP_RETRIES="0", PIP_NO_CACHE_DIR="1",
    )  # fmt: skip
    assert done.returncode != 0
    for remedy in ("HTTPS_PROXY", "SSL_CERT_FILE", "PIP_CERT", "UV_DEFAULT_INDEX"):
        assert remedy in done.stderr
    assert not (tmp_path / "venv" / ".installed").exists()


def test_uv_trusts_what_the_machine_trusts() -> None:
    """Unless somebody says otherwise."""
    probe = ["--eval=shown: ; @echo certs=$$UV_SYSTEM_CERTS", "shown"]
    assert "certs=1" in make(*probe).stdout
    assert "certs=0" in make(*probe, UV_SYSTEM_CERTS="0").stdout


def test_a_port_that_is_taken_is_told_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = CliRunner().invoke(app, ["port-is-free", str(port)])
        assert told.exit_code == 1 and f"make ui PORT={port + 1}" in " ".join(told.output.split())
    assert CliRunner().invoke(app, ["port-is-free", str(port)]).exit_code == 0
