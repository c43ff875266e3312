"""Sum up the phases of `scripts/test` in one closing line: `python scripts/lib/summary.py FOLDER SECONDS`."""

from collections import Counter
from dataclasses import dataclass
import os
from pathlib import Path
import sys
from xml.etree import ElementTree as ET

KINDS = ("failed", "errors", "passed", "skipped")
BROWSER_PHASE = "browser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase of the run, as `phases.tsv` tells it."""

    name: str
    status: int
    seconds: int


def read_phases(folder: Path) -> list[Phase]:
    """Return the phases in the order in which they ran."""
    rows = (line.split("\t") for line in (folder / "phases.tsv").read_text(encoding="utf-8").splitlines())
    return [Phase(name=name, status=int(status), seconds=int(seconds)) for name, status, seconds in rows]


def count_tests(report: Path) -> Counter[str]:
    """Count the tests of one JUnit report by outcome."""
    counts: Counter[str] = Counter()
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - written by our own pytest
        total, failures, errors, skipped = (
            int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")
        )
        counts += Counter(failed=failures, errors=errors, skipped=skipped, passed=total - failures - errors - skipped)
    return counts


def find_faults(phase: Phase, counts: Counter[str], *, in_ci: bool) -> list[str]:
    """Return what is wrong with a phase beyond its failed tests, one sentence each."""
    if phase.status != 0 and not counts["failed"] + counts["errors"]:
        return [f"{phase.name}: ended with status {phase.status}"]
    if phase.name == BROWSER_PHASE and in_ci and (counts["skipped"] or not counts["passed"]):
        return [f"{phase.name}: a browser test was skipped, which CI does not allow"]
    return []


def summarise(folder: Path, *, in_ci: bool) -> tuple[Counter[str], list[str]]:
    """Return the counts of the whole run and the faults outside tests; a check without tests counts as one."""
    totals: Counter[str] = Counter()
    faults: list[str] = []
    for phase in read_phases(folder):
        report = folder / f"{phase.name}.xml"
        counts = count_tests(report) if report.exists() else Counter(passed=int(phase.status == 0))
        found = find_faults(phase, counts, in_ci=in_ci)
        totals += counts + Counter(failed=len(found))
        faults += found
        print(f"{phase.name:>16}  {phase.seconds:>4} s  {describe(counts) or 'failed'}")
    return totals, faults


def describe(counts: Counter[str]) -> str:
    """Return the counts as pytest words them."""
    return ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])


def main(folder: Path, seconds: float) -> int:
    """Print the summary of a run and return its exit status."""
    totals, faults = summarise(folder, in_ci=os.environ.get("CI", "") not in {"", "false"})
    for fault in faults:
        print(f"FAILED {fault}")
    print(f" {describe(totals) or 'no tests ran'} in {seconds:.2f}s ".center(100, "="))
    return 0 if totals["passed"] and not totals["failed"] and not totals["errors"] else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
