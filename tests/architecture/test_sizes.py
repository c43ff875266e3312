"""Files stay short enough to be read in one sitting."""

import statistics

from tests.architecture.sources import ROOT, tracked_files

MAX_LINES = 400
MAX_MEDIAN_LINES = 160


def source_lengths() -> dict[str, int]:
    """Return the lines of each Python file and script of ours."""
    paths = [path for path in tracked_files() if path.suffix in {".py", ".sh"} or path.parent.name == "scripts"]
    return {path.relative_to(ROOT).as_posix(): len(path.read_bytes().splitlines()) for path in paths}


def test_no_file_is_long() -> None:
    """Find no source file over the hard stop, and a median near the house's."""
    lengths = source_lengths()
    assert len(lengths) > 40
    assert not {name: lines for name, lines in lengths.items() if lines > MAX_LINES}
    assert statistics.median(lengths.values()) <= MAX_MEDIAN_LINES
