"""Start the demo: `scripts/demo` from a shell, `python -m scripts.demo_home` when everything is installed."""

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path
import signal
import sys
import time

from training.trace import TraceError, read_trace

from . import configuration, history
from .client import Client, RefusedError
from .dashboard import write_dashboard
from .onboarding import PASSWORD, USERNAME, sign_in, wait_running
from .plan import Plan, make_plan, rename_entities, write_plan
from .process import HomeAssistant, StartError, refuse_running
from .rooms import add_rooms

DEFAULT_TRACE = Path(__file__).parent / "trace"
DEFAULT_CONFIGS = configuration.CHECKOUT / ".demo"
DEFAULT_PORT = 8123
# Time to find the dashboard before somebody comes.
ARRIVAL_SECONDS = 60.0
MAX_SPEED = 600.0


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    empty: bool
    trace: Path
    config: Path
    port: int
    speed: float


def parse(arguments: list[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description="Start a real Home Assistant with a demo home.")
    parser.add_argument("--empty", action="store_true", help="leave Inkling to be set up by hand")
    parser.add_argument("--trace", type=Path, default=DEFAULT_TRACE, help="folder of the recorded home to replay")
    parser.add_argument("--speed", type=float, default=1.0, help="seconds of the recording a second (default 1)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"port on 127.0.0.1 (default {DEFAULT_PORT})")
    parser.add_argument("--config", type=Path, default=None, help="configuration folder (default below .demo)")
    found = parser.parse_args(arguments)
    if not 0.0 < found.speed <= MAX_SPEED:
        parser.error(f"--speed must be above 0 and at most {MAX_SPEED:.0f}")
    config = found.config or DEFAULT_CONFIGS / _home_name(found.empty, found.trace)
    return Options(found.empty, found.trace, config.resolve(), found.port, found.speed)


def _home_name(empty: bool, trace: Path) -> str:  # noqa: FBT001 - as the command line has it
    """Return the folder of a home; another recording has other sensors and gets a home of its own."""
    name = "empty" if empty else "home"
    return name if trace == DEFAULT_TRACE else f"{name}-{trace.resolve().name}"


def prepare(options: Options) -> Plan:
    """Write the configuration folder, the plan and yesterday's history."""
    trace = read_trace(options.trace)
    refuse_running(options.config, options.port)
    configuration.write_configuration(options.config, options.port)
    known = configuration.stored_data(options.config, "core.entity_registry").get("entities", [])
    names = {row["unique_id"]: row["entity_id"] for row in known if row["platform"] == "inkling_demo"}
    plan = rename_entities(make_plan(trace, time.time(), ARRIVAL_SECONDS, options.speed), names)
    write_plan(plan, options.config)
    rows = history.fill(options.config, plan)
    say(f"{trace.name}: {len(trace.signals)} sensors, {rows} recorded changes of the last two days")
    return plan


async def set_up(options: Options, plan: Plan, url: str) -> str:
    """Bring Home Assistant to a dashboard that moves; return the address of its page."""
    async with Client(url) as client:
        await sign_in(client)
        await wait_running(client)
        if not options.empty and await add_rooms(client):
            say("Inkling is set up for every room")
        address = await write_dashboard(client, plan)
        await client.call("inkling_demo", "skip", to="arrival", in_seconds=ARRIVAL_SECONDS)
    return address


async def run(options: Options, plan: Plan) -> int:
    """Run until Home Assistant ends or somebody presses Ctrl-C."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    home = HomeAssistant(options.config, options.port)
    waiting, working = asyncio.create_task(stopping.wait()), asyncio.create_task(_serve(options, plan, home))
    try:
        await asyncio.wait({waiting, working}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        say("Ending Home Assistant")
        return 0
    finally:
        waiting.cancel()
        working.cancel()
        await home.stop()


async def _serve(options: Options, plan: Plan, home: HomeAssistant) -> int:
    """Start, set up, tell, and wait for the end."""
    started = time.monotonic()
    say("Starting Home Assistant")
    await home.start()
    address = await set_up(options, plan, home.url)
    say(_steps(options, plan, address, time.monotonic() - started))
    return await home.run()


def _steps(options: Options, plan: Plan, address: str, took_seconds: float) -> str:
    """Return what to do now."""
    room = plan.rooms[0]
    what = (
        "Add Inkling: Settings > Devices & services > Add integration > Inkling"
        if options.empty
        else (f"Watch the {room}'s probability: somebody comes in about {ARRIVAL_SECONDS / 60.0:.0f} minute")
    )
    return (
        f"Ready after {took_seconds:.0f} s\n\n"
        f"  1. Open {address}\n"
        f"  2. Sign in as {USERNAME} with the password {PASSWORD}\n"
        f"  3. {what}\n"
        "  4. End it with Ctrl-C; the next start takes seconds\n"
    )


def say(sentence: str) -> None:
    """Tell the terminal at once, even when it is a pipe."""
    print(f"==> {sentence}", flush=True)


def main(arguments: list[str]) -> int:
    """Run the demo from the command line."""
    options = parse(arguments)
    try:
        return asyncio.run(run(options, prepare(options)))
    except RefusedError as error:
        print(f"error: {error}; delete {options.config} to begin with a new home", file=sys.stderr)
    except (TraceError, StartError, OSError, TimeoutError) as error:
        print(f"error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        # Pressed before there was anything to end.
        pass
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
