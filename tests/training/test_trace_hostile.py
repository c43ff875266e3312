"""Traces by strangers: whatever the bytes, a trace or one sentence, and no memory to speak of."""

from __future__ import annotations

import gzip
from pathlib import Path
import random

from hypothesis import given, settings, strategies as st
import pytest

from training import trace as trace_module
from training.trace import TraceError, read_trace

HEAD = '[trace]\nname = "n"\n[[room]]\nid = "a"\nname = "A"\n[[signal]]\nid = "m"\nrole = "motion"\nroom = "a"\n'
EVENTS = "time,signal,state\n2023-11-14T22:13:20+00:00,m,on\n2023-11-14T22:13:21+00:00,m,off\n"
LABELS = "start,end,target,label\n2023-11-14T22:13:20+00:00,2023-11-14T22:14:20+00:00,a,occupied\n"


def write(folder: Path, head: bytes = HEAD.encode(), events: bytes = EVENTS.encode(), labels: str = LABELS) -> Path:
    """Write a trace by hand."""
    (folder / "trace.toml").write_bytes(head)
    (folder / "events.csv").write_bytes(events)
    (folder / "labels.csv").write_text(labels, encoding="utf-8")
    return folder


def outcome(folder: Path) -> str:
    """Return the sentence a trace is refused with, or nothing when it is read."""
    try:
        read_trace(folder)
    except TraceError as err:
        return str(err)
    return ""


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"a = " + b"[" * 100_000, "not valid TOML"),
        (b"a = " + b"9" * 10_000, "not valid TOML"),
        (b"\xff\xfe", "not valid TOML"),
        (b"x" * 17_000_000, "larger than 16 MiB"),
        (HEAD.replace('"n"', f'"n"\ntimezone = "{"x" * 5000}"').encode(), "names the time zone"),
        (HEAD.replace('"n"', '"n"\ntimezone = "../../etc/passwd"').encode(), "names the time zone"),
        (HEAD.replace('"n"', '"n"\ntimezone = "Europe"').encode(), "names the time zone"),
    ],
)
def test_a_hostile_head_costs_one_sentence(tmp_path: Path, head: bytes, said: str) -> None:
    """Refuse deep nesting, endless numbers, wrong bytes, huge files and names that are paths."""
    sentence = outcome(write(tmp_path, head=head))
    assert said in sentence
    assert "\n" not in sentence
    assert len(sentence) < 600


def test_a_line_without_end_is_refused_before_it_is_kept(tmp_path: Path) -> None:
    """Refuse a hundred megabytes without a line break, packed into a few kilobytes."""
    write(tmp_path)
    (tmp_path / "events.csv").unlink()
    (tmp_path / "events.csv.gz").write_bytes(gzip.compress(EVENTS.encode() + b"x" * 100_000_000, 1))
    assert "line 4 is longer than" in outcome(tmp_path)


def test_a_cell_that_never_closes_is_refused(tmp_path: Path) -> None:
    """Refuse a quoted cell of millions of lines."""
    write(tmp_path, events=(EVENTS + '2023-11-14T22:13:20+00:00,m,"' + "x\n" * 1_000_000).encode())
    assert "cannot be read" in outcome(tmp_path)


def test_more_rows_than_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop at the limit of rows."""
    monkeypatch.setattr(trace_module, "MAX_ROWS", 1)
    assert "more than 1 rows" in outcome(write(tmp_path))


def test_many_signals_are_checked_for_twins_in_no_time(tmp_path: Path) -> None:
    """Read a home of 20 000 signals."""
    signals = "".join(f'[[signal]]\nid = "s{index}"\nrole = "generic"\n' for index in range(20_000))
    assert outcome(write(tmp_path, head=(HEAD + signals).encode())) == ""


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2023-W01-1T00:00+01:00"])
def test_times_at_the_edge_are_read_or_refused(tmp_path: Path, stamp: str) -> None:
    """Read times at both ends of the calendar."""
    assert "\n" not in outcome(write(tmp_path, events=f"time,signal,state\n{stamp},m,on\n".encode()))


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32), part=st.sampled_from(["head", "events", "packed", "labels"]))
def test_any_damage_is_one_sentence(tmp_path_factory: pytest.TempPathFactory, seed: int, part: str) -> None:
    """Change, drop and repeat bytes anywhere: a trace or one sentence, never another exception."""
    draw = random.Random(seed)  # noqa: S311 - repeatable damage, no secret
    folder = write(tmp_path_factory.mktemp("trace"))
    if part == "packed":
        (folder / "events.csv.gz").write_bytes(gzip.compress(EVENTS.encode(), mtime=0))
    name = {"head": "trace.toml", "events": "events.csv", "packed": "events.csv.gz", "labels": "labels.csv"}[part]
    content = bytearray((folder / name).read_bytes())
    for _ in range(draw.randint(1, 6)):
        place = draw.randrange(len(content))
        content[place : place + draw.randint(0, 4)] = draw.randbytes(draw.randint(0, 4))
        content = content or bytearray(b"\n")
    (folder / name).write_bytes(content)
    sentence = outcome(folder)
    assert "\n" not in sentence
    assert len(sentence) < 1000
