"""A zipped trace is a stranger's: what is no trace leaves nothing behind."""

from __future__ import annotations

import gzip
from pathlib import Path
import zipfile

import pytest

from training import archive
from training.__main__ import main
from training.archive import import_archive
from training.trace import TraceError, read_trace

HEAD = '[trace]\nname = "n"\n[[room]]\nid = "a"\nname = "A"\n[[signal]]\nid = "m"\nrole = "motion"\nroom = "a"\n'
EVENTS = "time,signal,state\n2023-11-14T22:13:20+00:00,m,on\n"
LABELS = "start,end,target,label\n2023-11-14T22:13:20+00:00,2023-11-14T22:14:20+00:00,a,occupied\n"
GOOD = {"trace.toml": HEAD.encode(), "events.csv": EVENTS.encode(), "labels.csv": LABELS.encode()}


def pack(folder: Path, files: dict[str, bytes], name: str = "my home.zip") -> Path:
    """Write a zip."""
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as target:
        for member, content in files.items():
            target.writestr(member, content)
    return folder / name


def test_an_exported_trace_comes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unpack a zip with packed events into a folder named like it."""
    files = GOOD | {"events.csv.gz": gzip.compress(EVENTS.encode())}
    del files["events.csv"]
    path = pack(tmp_path, files)
    assert main(["import", "trace-zip", str(path), "--out", str(tmp_path / "out")]) == 0
    trace = read_trace(tmp_path / "out" / "my_home")
    assert trace.readings["m"].states == ("on",)
    assert "1 labels" in capsys.readouterr().out
    assert main(["import", "trace-zip", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (GOOD | {"../evil.py": b"x"}, "holds '../evil.py'"),
        (GOOD | {"/etc/passwd": b"x"}, "holds '/etc/passwd'"),
        (GOOD | {"sub/trace.toml": b"x"}, "holds 'sub/trace.toml'"),
        (GOOD | {"model.tflite": b"x"}, "holds 'model.tflite'"),
        ({"trace.toml": HEAD.encode()}, "has neither events.csv"),
        (GOOD | {"trace.toml": b"\xff"}, "not valid TOML"),
        (GOOD | {"labels.csv": bytes(40_000_000)}, "unpacks to more"),
        (GOOD | {"labels.csv.gz": gzip.compress(bytes(40_000_000))}, "unpacks to more"),
        (GOOD | {"labels.csv.gz": b"no gzip"}, "no readable zip"),
    ],
)
def test_what_is_no_trace_leaves_nothing(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    """Refuse other names, paths, bombs and broken files, and clean up."""
    out = tmp_path / "out"
    with pytest.raises(TraceError, match=said) as caught:
        import_archive(pack(tmp_path, files), out)
    assert "\n" not in str(caught.value)
    assert list(out.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"out", "my home.zip"}


def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    """Refuse the zip that shows one reader one file and another reader another."""
    path = pack(tmp_path, GOOD)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as target:
        target.writestr("events.csv", EVENTS)
    with pytest.raises(TraceError, match=r"'events\.csv' twice"):
        import_archive(path, tmp_path / "out")


def test_a_header_that_lies_about_sizes_is_not_believed(tmp_path: Path) -> None:
    """Refuse a member whose directory entry says that it is small."""
    path = pack(tmp_path, GOOD | {"labels.csv": bytes(40_000_000)})
    raw = path.read_bytes()
    path.write_bytes(raw.replace((40_000_000).to_bytes(4, "little"), (40).to_bytes(4, "little")))
    with pytest.raises(TraceError, match=r"unpacks to more|no readable zip"):
        import_archive(path, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_encrypted_a_large_and_an_absent_zip_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Say what to do about each."""
    path = pack(tmp_path, GOOD)
    raw = bytearray(path.read_bytes())
    place = raw.find(b"PK\x01\x02")
    raw[place + 8] |= 1
    locked = tmp_path / "locked.zip"
    locked.write_bytes(raw)
    with pytest.raises(TraceError, match="encrypted"):
        import_archive(locked, tmp_path / "out")
    with pytest.raises(TraceError, match="is not there"):
        import_archive(tmp_path / "none.zip", tmp_path / "out")
    monkeypatch.setattr(archive, "MAX_ZIP_BYTES", 10)
    with pytest.raises(TraceError, match="is larger than"):
        import_archive(path, tmp_path / "out")


def test_every_cut_off_and_scrambled_zip_is_refused_or_read(tmp_path: Path) -> None:
    """Cut the zip at many places and flip bytes: an error in one sentence or a trace, never another exception."""
    raw = pack(tmp_path, GOOD).read_bytes()
    for index in range(0, len(raw), 7):
        flipped = bytearray(raw)
        flipped[index] ^= 0x5A
        for kind, content in (("cut", raw[:index]), ("flip", bytes(flipped))):
            path = tmp_path / f"{kind}{index}.zip"
            path.write_bytes(content)
            try:
                import_archive(path, tmp_path / "out")
            except TraceError as err:
                assert "\n" not in str(err)  # noqa: PT017 - both ends are right
