"""Run Home Assistant as a child and end it cleanly."""

import asyncio
import fcntl
import importlib.util
import os
from pathlib import Path
import signal
import socket
import sys

from .client import is_answering

RESTART_EXIT_CODE = 100
LOCK_FILE_NAME = ".ha_run.lock"
START_SECONDS = 300.0
STOP_SECONDS = 60.0
POLL_SECONDS = 0.2
# Built with a C++ compiler: where scripts/setup had none, Home Assistant would try again at every start, for 20 s.
COMPILED_PACKAGES = {"pymicro-vad": "pymicro_vad", "pyspeex-noise": "pyspeex_noise"}


class StartError(RuntimeError):
    """Say in one sentence why Home Assistant does not run."""


class HomeAssistant:
    """One Home Assistant on one configuration folder, started again when it asks for it."""

    def __init__(self, config: Path, port: int) -> None:
        """Remember where it lives."""
        self.url = f"http://127.0.0.1:{port}"
        self.log = config / "home-assistant.log"
        self._config = config
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until its web server answers; raise StartError."""
        await self._spawn()
        await self.wait_ready()

    async def _spawn(self) -> None:
        """Start the child in a session of its own, so that Ctrl-C reaches it only through us."""
        binaries = Path(sys.prefix) / "bin"
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment = {**inherited, "VIRTUAL_ENV": sys.prefix, "PATH": f"{binaries}:{os.environ.get('PATH', '')}"}
        arguments = ["-m", "homeassistant", "--config", str(self._config), "--log-no-color", *_skipped_packages()]
        with (self._config / "console.log").open("ab") as console:
            # With the checkout on its path, Home Assistant would see the checkout's custom_components first.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                cwd=self._config,
                env=environment,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )

    async def wait_ready(self) -> None:
        """Wait until the web server answers; raise StartError when the child ends or hangs."""
        async with asyncio.timeout(START_SECONDS):
            while not await is_answering(self.url):
                if self._process is None or self._process.returncode is not None:
                    raise StartError(f"Home Assistant ended while starting: read {self._config / 'console.log'}")
                await asyncio.sleep(POLL_SECONDS)

    async def run(self) -> int:
        """Wait until it ends, starting it again whenever it asks to be; return its exit status."""
        while self._process is not None:
            if (status := await self._process.wait()) != RESTART_EXIT_CODE:
                return status
            await self._spawn()
        return 0

    async def stop(self) -> None:
        """Ask it to end, and make sure that it does."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def refuse_running(config: Path, port: int) -> None:
    """Raise StartError when the port is taken, or when a Home Assistant lives in the folder already."""
    if not _is_free(port):
        raise StartError(f"port {port} is in use: end what listens there, or give --port another number")
    if not (config / LOCK_FILE_NAME).is_file():
        return
    with (config / LOCK_FILE_NAME).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartError(f"a Home Assistant runs in {config}: end it, or give --config another folder") from error


def _is_free(port: int) -> bool:
    """Tell whether nobody listens on a port of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _skipped_packages() -> list[str]:
    """Return the option that keeps Home Assistant from building what could not be built before."""
    missing = [name for name, module in COMPILED_PACKAGES.items() if importlib.util.find_spec(module) is None]
    return ["--skip-pip-packages", ",".join(missing)] if missing else []
