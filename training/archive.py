"""A zipped trace folder -> a trace folder; the zip is a stranger's, so nothing in it is believed."""

from __future__ import annotations

from collections import Counter
import gzip
from pathlib import Path
import re
import shutil
import tempfile
from typing import IO
import zipfile
import zlib

from .trace import Trace, TraceError, read_trace

_NAMES = frozenset({"trace.toml", "events.csv", "events.csv.gz", "labels.csv", "labels.csv.gz"})
# A year of a large home is about 100 MB packed and 2 GB unpacked.
MAX_ZIP_BYTES = 512 * 2**20
MAX_UNPACKED_BYTES = 4 * 2**30
# Deflate reaches 1032; events of real homes reach 25, and of one sensor that flaps 60.
_MAX_RATIO = 250
_SPARE_BYTES = 2**20
_CHUNK_BYTES = 2**20
_READ_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)


class _Allowance:
    """How many bytes an archive may still unpack to."""

    def __init__(self, packed_bytes: int) -> None:
        """Allow what a trace of that size can hold."""
        self._left = min(MAX_UNPACKED_BYTES, packed_bytes * _MAX_RATIO + _SPARE_BYTES)

    def take(self, count: int) -> None:
        """Count bytes, and refuse the archive when it grows beyond all reason."""
        self._left -= count
        if self._left < 0:
            raise TraceError("the archive unpacks to more than a trace of its size can hold: it is refused")


def import_archive(path: Path, out: Path) -> tuple[Path, Trace]:
    """Unpack a trace into a new folder of `out` named like the archive; return that folder and the checked trace."""
    if not path.is_file():
        raise TraceError(f"{path} is not there: give the zip that Inkling exported")
    size = path.stat().st_size
    if size > MAX_ZIP_BYTES:
        raise TraceError(f"{path} is larger than {MAX_ZIP_BYTES >> 20} MiB: it is no exported trace")
    folder = out / (re.sub(r"[^\w.-]+", "_", path.stem).strip(".") or "trace")
    if folder.exists():
        raise TraceError(f"{folder} is there already: remove it or give another --out")
    out.mkdir(parents=True, exist_ok=True)
    # Unpacked beside its place, so that taking the place is one rename.
    temporary = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=out))
    try:
        _unpack(path, temporary, _Allowance(size))
        trace = read_trace(temporary)
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder, trace


def _unpack(path: Path, folder: Path, allowance: _Allowance) -> None:
    """Write the files of an archive into a folder, each under one of the few names it may have."""
    try:
        with zipfile.ZipFile(path) as archive:
            for info in _checked(archive.infolist()):
                with archive.open(info) as source, (folder / info.filename).open("xb") as target:
                    _copy(source, target, allowance)
        for packed in folder.glob("*.gz"):
            _measure(packed)
    except TraceError:
        raise
    except _READ_ERRORS as err:
        raise TraceError(f"{path} is no readable zip: {' '.join(str(err).split())[:200]}") from err


def _checked(infos: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the members of an archive that holds a trace and nothing else."""
    names = Counter(info.filename for info in infos)
    for name, times in names.items():
        if name not in _NAMES or times > 1:
            raise TraceError(
                f"the archive holds {name[:100]!r}{' twice' if times > 1 else ''}: "
                f"a trace's zip holds each at most once, and only, {', '.join(sorted(_NAMES))}"
            )
    if any(info.flag_bits & 1 for info in infos):
        raise TraceError("the archive is encrypted: export the trace again without a password")
    return infos


def _copy(source: IO[bytes], target: IO[bytes], allowance: _Allowance) -> None:
    """Copy what a member really unpacks to, whatever its header says."""
    while chunk := source.read(_CHUNK_BYTES):
        allowance.take(len(chunk))
        target.write(chunk)


def _measure(packed: Path) -> None:
    """Refuse a packed table that grows beyond all reason, before its rows are kept."""
    allowance = _Allowance(packed.stat().st_size)
    with gzip.open(packed) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            allowance.take(len(chunk))
