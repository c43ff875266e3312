"""Start the demo as a user does and end it as a user does."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
import re
import signal
import socket
import subprocess
import sys
import time

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = (sys.executable, "-m", "scripts.demo_home")
READY = "==> Ready after"
READY_SECONDS = 180.0
END_SECONDS = 60.0
POLL_SECONDS = 0.2
# Home Assistant's own: cameras want ffmpeg and libturbojpeg, which a bare machine lacks, and pages go while sent to.
FOREIGN_ERRORS = ("haffmpeg", "libturbojpeg", "Cannot write to closing transport")
_STAMP = re.compile(r"(?:\x1b\[[0-9;]*m)?\d{4}-\d\d-\d\d ")


def free_port() -> int:
    """Return a port of loopback on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Demo:
    """One run of the demo's launcher."""

    config: Path
    arguments: tuple[str, ...]
    program: tuple[str, ...]
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the address of this Home Assistant."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output_file(self) -> Path:
        """Return the file that holds what the launcher said."""
        return self.config.with_name(f"{self.config.name}.out")

    def start(self) -> float:
        """Start and wait for the sentence that says it is ready; return the seconds that took."""
        began = time.monotonic()
        command = [*self.program, "--config", str(self.config), "--port", str(self.port), *self.arguments]
        with self.output_file.open("wb") as output:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        while READY not in self.output():
            assert self._process.poll() is None, f"the demo ended:\n{self.output()}\n{self.log()}"
            assert time.monotonic() - began < READY_SECONDS, f"the demo hangs:\n{self.output()}\n{self.log()}"
            time.sleep(POLL_SECONDS)
        return time.monotonic() - began

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(END_SECONDS)

    def end(self) -> None:
        """Leave nothing running, whatever happened before."""
        if self._process is not None and self._process.poll() is None:
            self.interrupt()

    def output(self) -> str:
        """Return what the launcher has said so far."""
        return self.output_file.read_text(encoding="utf-8")

    def log(self) -> str:
        """Return what Home Assistant has logged since the start, over its own restarts too."""
        path = self.config / "console.log"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def own_errors(self) -> list[str]:
        """Return the errors in Home Assistant's log that a bare machine does not explain."""
        rows = self.log().splitlines()
        starts = [place for place, row in enumerate(rows) if _STAMP.match(row)]
        # A traceback stands below its line, and says whose the error is.
        told = [rows[begin:end] for begin, end in pairwise([*starts, len(rows)])]
        errors = [lines for lines in told if " ERROR " in lines[0]]
        return [lines[0] for lines in errors if not any(name in row for row in lines for name in FOREIGN_ERRORS)]
