"""Kill a process that learns and writes, again and again, and look at what it left; run by test_killed.py.

Each child goes on where the files of the one before end. Its clock is a fake that runs as fast as it can; the files,
the calls and every fsync are the real ones. What was learned is a pure function of the time, so the parent can follow.
"""

import json
import os
from pathlib import Path
import random
import signal
import struct
import sys
import time

from custom_components.inkling import learned_file
from custom_components.inkling.const import LEARN_SECONDS
from custom_components.inkling.core.learned import Event, Learned
from custom_components.inkling.journal import Journal
from custom_components.inkling.learned_file import LearnedFile
from custom_components.inkling.slot_store import FLUSH_SECONDS

T0 = 1_700_006_400
SYNC_EVERY_SECONDS = 60
LOST_LIMIT_SECONDS = 60
ROOMS = ("bedroom", "kitchen", "office")
RULES = {"same": 0.25, "persistence": 0.5, "profile": 0.125}
# Snapshots so often that many kills fall into one.
LINES_LIMIT = 6
_STAMP = struct.Struct("<q")


def events_at(now: int) -> list[Event]:
    """Return what happens from `now` until it is learned again: pure, so that it can be told again."""
    if now == T0:
        return [["r", room] for room in ROOMS]
    states = [random.Random(f"{now // 1800} {room}").random() < 0.5 for room in ROOMS]  # noqa: S311 - a made-up home
    numbers = range(len(ROOMS))
    events: list[Event] = [
        ["s", now - LEARN_SECONDS, now, [n for n in numbers if states[n]], [n for n in numbers if not states[n]]],
        ["x", "until", now],
    ]
    events += [["t", number, now, states[number]] for number in numbers]
    events += [["n", number, 30, now, 0.75, RULES] for number in numbers if now % 900 == 0]
    return events


def follow(learned: Learned, since: int, until: int) -> None:
    """Let everything happen from one time to another."""
    for now in range(since + LEARN_SECONDS, until + 1, LEARN_SECONDS):
        for event in events_at(now):
            learned.apply(event)


def until_of(learned: Learned) -> int:
    """Return up to when somebody has learned."""
    return int(learned.extras.get("until", T0 if learned.histories else T0 - LEARN_SECONDS))


def learn(path: Path, journal: type[Journal], pipe: int) -> None:
    """Learn and write until killed, telling the time before each step."""
    file = LearnedFile(path, journal)
    now = until_of(file.load())
    while True:
        now += LEARN_SECONDS
        os.write(pipe, _STAMP.pack(now))
        file.write(events_at(now), sync=now % SYNC_EVERY_SECONDS == 0)


def run_and_kill(path: Path, journal: type[Journal], wait_seconds: float) -> int:
    """Let a child learn for a while, kill it, and return the time it had come to."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        learn(path, journal, writing)
    os.close(writing)
    told = os.read(reading, _STAMP.size)
    time.sleep(wait_seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reading, 1 << 16):
        told += more
    os.close(reading)
    return int(_STAMP.unpack(told[-_STAMP.size :])[0])


def trial(path: Path, journal: type[Journal], expected: Learned, wait_seconds: float) -> str | None:
    """Kill one child and return what is wrong with what it left, None where nothing is."""
    came_to = run_and_kill(path, journal, wait_seconds)
    file = LearnedFile(path)
    found = file.load()
    until = until_of(found)
    if file.damage:
        return f"damage: {sorted(file.damage)}"
    # What is learned at `came_to` is written a moment later, and a kill falls just before that at the worst.
    if came_to - until + FLUSH_SECONDS >= LOST_LIMIT_SECONDS:
        return f"lost {came_to - until + FLUSH_SECONDS} seconds"
    if until > came_to:
        return f"learned {until - came_to} seconds ahead"
    follow(expected, until_of(expected), until)
    return None if found.to_bytes() == expected.to_bytes() else "something else than what happened"


class Slow(Journal):
    """Waits between any two steps, so that a kill falls between them."""

    def _beside(self, suffix: str) -> Path:
        """Name a file, late."""
        time.sleep(0.001)
        return super()._beside(suffix)


class RotatesFirst(Journal):
    """Begins the new journal before the snapshot is on the disk."""

    def compact(self, content: bytes) -> None:
        """Do it in the wrong order, slowly."""
        if self._beside("journal").exists():
            self._beside("journal").replace(self._beside("old"))
        time.sleep(0.001)
        super().compact(content)


class WritesInPlace(Journal):
    """Writes over the snapshot instead of beside it."""

    def compact(self, content: bytes) -> None:
        """Leave half of a snapshot behind now and then."""
        header = {"format": "inkling-learned", "version": 1, "number": self.number, "size": len(content), "crc32": 0}
        with self.path.open("wb") as stream:
            stream.write(json.dumps(header).encode() + b"\n" + content[: len(content) // 2])
            stream.flush()
            time.sleep(0.001)
        self.path.unlink()
        super().compact(content)


JOURNALS: dict[str, type[Journal]] = {
    "sound": Journal,
    "slow": Slow,
    "rotates first": RotatesFirst,
    "writes in place": WritesInPlace,
}


def main(folder: str, name: str, trials: str) -> None:
    """Print what was found as JSON."""
    learned_file.LINES_LIMIT = LINES_LIMIT
    rng = random.Random(int(trials))  # noqa: S311 - moments, not secrets
    expected, wrong = Learned(), []
    began = time.monotonic()
    for number in range(int(trials)):
        found = trial(Path(folder) / "learned", JOURNALS[name], expected, rng.uniform(0.0, 0.06))
        if found is not None:
            wrong.append(f"{number}: {found}")
            break
    seconds = time.monotonic() - began
    print(json.dumps({"wrong": wrong, "learned_seconds": until_of(expected) - T0, "seconds": seconds}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
