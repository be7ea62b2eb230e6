"""Headless Chromium over its debugging protocol: open, click, wait, take a picture. Nothing about Updraft belongs here."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class BrowserError(Exception):
    """No browser, or it did not do what was asked in time. Says which."""


class Browser:
    """One page of one headless browser; use it as a context."""

    def __init__(self, port: int = 9333) -> None:
        """``port`` on the loopback address carries the debugging protocol."""
        self._port, self._number = port, 0

    def __enter__(self) -> Browser:
        program = next((found for name in NAMES if (found := shutil.which(name))), None)
        if program is None:
            raise BrowserError(f"none of {', '.join(NAMES)} is on the PATH; on Debian: apt-get install chromium")
        self._profile = tempfile.TemporaryDirectory(prefix="updraft-look-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
             f"--user-data-dir={self._profile.name}", f"--remote-debugging-port={self._port}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        address = f"http://127.0.0.1:{self._port}/json/list"
        page = next(t for t in json.loads(_patiently(address, 30)) if t["type"] == "page")
        self._socket = connect(page["webSocketDebuggerUrl"], max_size=64 * 2**20, open_timeout=20)
        self.call("Page.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._profile.cleanup()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol and its result. Raises BrowserError with the browser's words."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            said = json.loads(self._socket.recv(timeout=60))
            if said.get("id") == self._number:
                if "error" in said:
                    raise BrowserError(f"{method}: {said['error']}")
                result: dict[str, Any] = said["result"]
                return result
        raise BrowserError(f"{method}: no answer within a minute")

    def open(self, url: str, *, wide: int = 1440, high: int = 1000, dark: bool = False) -> None:
        """Go to ``url`` in a window of that size."""
        self.call("Emulation.setDeviceMetricsOverride", width=wide, height=high, deviceScaleFactor=1, mobile=wide < 500)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return result["result"].get("value")

    def wait(self, script: str, seconds: float = 30) -> None:
        """Until the expression is true. Raises BrowserError after ``seconds``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.run(f"!!({script})"):
                return
            time.sleep(0.3)
        raise BrowserError(f"waited {seconds:.0f} s in vain for {script} on {self.run('location.href')}")

    def click(self, text: str, nth: int = 0) -> None:
        """Click the button or link that shows exactly this text; of several the ``nth``, counted from zero."""
        found = (
            "[...document.querySelectorAll('button, a, [role=tab], [role=button]')]"
            f".filter(e => e.innerText.trim() === {json.dumps(text)} && !e.disabled)[{nth}]"
        )
        self.wait(found)
        self.run(f"{found}.click()")

    def shoot(self, path: Path, *, whole: bool = False) -> Path:
        """A picture of the window, or of the whole document."""
        more: dict[str, Any] = {"captureBeyondViewport": True} if whole else {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            more["clip"] = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 12000), "scale": 1}
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **more)["data"]))
        return path


def _patiently(address: str, seconds: float) -> bytes:
    """The body of a loopback address that may not answer yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return bytes(answer.read())
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                raise BrowserError(f"{address} did not answer within {seconds:.0f} s: {error}") from error
            time.sleep(0.3)
