"""Take the screenshots people should look at: the page, the Dagster graph, the published asset, a run started in the UI."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from browser import Browser, BrowserError

SHOTS = Path(__file__).parent / "shots"
LOCATION = "updraft"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def dagster(home: Path) -> Iterator[str]:
    """`dagster dev` on a free port in its own process group; gives its address."""
    port = free_port()
    bin_folder = Path(sys.executable).parent
    env = {**os.environ, "UPDRAFT_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"),
           "PATH": f"{bin_folder}:{os.environ['PATH']}"}  # fmt: skip
    with (SHOTS / "dagster.log").open("wb") as log:
        server = subprocess.Popen(
            [str(bin_folder / "dagster"), "dev", "-h", "127.0.0.1", "-p", str(port)],
            env=env, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(240):
                try:
                    urllib.request.urlopen(address + "/server_info", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.5)
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)


def asked(address: str, query: str) -> dict[str, object]:
    """The answer of Dagster's GraphQL."""
    request = urllib.request.Request(
        address + "/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, object] = json.loads(answer.read())["data"]
        return found


def last_run(address: str) -> tuple[str, str]:
    """(id, status) of the newest run, or empty texts."""
    found = asked(address, "{ runsOrError(limit: 1) { ... on Runs { results { runId status } } } }")
    results = found["runsOrError"]["results"]  # type: ignore[index,call-overload]
    return (results[0]["runId"], results[0]["status"]) if results else ("", "")


def main() -> int:
    """Screenshots, one line each; exit code 1 when the run from the UI did not succeed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home that has a published generation (default: a new sample home)")
    parser.add_argument("--clock", default="2026-01-15T01:00:00+00:00", help="of the first run of a new sample home")
    options = parser.parse_args()
    if options.home and not (options.home / "current" / "index.html").exists():
        parser.error(f"nothing is published in {options.home}; leave --home out for a new sample home")
    SHOTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="updraft-look-home-", ignore_cleanup_errors=True) as made:
        home = options.home or Path(made)
        if options.home is None:
            print("a first run on the sample vendors …", flush=True)
            subprocess.run(
                [str(Path(sys.executable).parent / "updraft"), "run", "--clock", options.clock],
                env={**os.environ, "UPDRAFT_HOME": str(home)}, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        with Browser() as browser:
            page = (home / "current" / "index.html").resolve().as_uri()
            for name, wide, dark in (("page", 1280, False), ("page_dark", 1280, True), ("page_phone", 390, False)):
                browser.open(page, wide=wide, dark=dark)
                print(browser.shoot(SHOTS / f"{name}.png", whole=True), flush=True)
            with dagster(home) as address:
                return drive(browser, address)


def drive(browser: Browser, address: str) -> int:
    """Walk through the UI and start a run there."""

    def shoot(name: str, path: str, seconds: float = 6) -> None:
        browser.open(address + path)
        time.sleep(seconds)  # the UI draws its graph after its data came; there is no event to wait for
        print(browser.shoot(SHOTS / f"{name}.png"), flush=True)

    shoot("ui_graph", f"/locations/{LOCATION}/jobs/refresh", 10)
    shoot("ui_timeline", "/overview/activity/timeline")
    shoot("ui_published", "/assets/published/updraft?view=overview")
    for nth, name in enumerate(("ui_drivers", "ui_plot")):
        browser.open(f"{address}/assets/published/updraft?view=overview")
        browser.click("[Show Markdown]", nth)
        time.sleep(2)
        print(browser.shoot(SHOTS / f"{name}.png"), flush=True)
    shoot("ui_checks", "/assets/published/updraft?view=checks")
    shoot("ui_raw_checks", "/assets/raw/yahoo_bars?view=checks")
    before = last_run(address)[0]
    browser.open(f"{address}/locations/{LOCATION}/jobs/refresh")
    try:
        browser.click("Materialize all")
    except BrowserError as error:
        print(browser.shoot(SHOTS / "ui_failed.png"), error)
        return 1
    for _ in range(600):
        time.sleep(1)
        run_id, status = last_run(address)
        if run_id != before and status in ("SUCCESS", "FAILURE", "CANCELED"):
            break
    else:
        print("the run started in the UI did not end within ten minutes")
        return 1
    shoot("ui_run", f"/runs/{run_id}")
    shoot("ui_published_after", "/assets/published/updraft?view=overview")
    browser.open(f"{address}/assets/published/updraft?view=events")
    time.sleep(6)
    print(browser.shoot(SHOTS / "ui_events.png"))
    print(f"run {run_id} started in the UI: {status}")
    return 0 if status == "SUCCESS" else 1


if __name__ == "__main__":
    raise SystemExit(main())
