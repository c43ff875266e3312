"""Core: NumPy and the standard library; no clock, no randomness, no environment, no network, no globals."""

import ast
import sys

import pytest

from tests.architecture.sources import CORE, CORE_NAME, Source, dotted, imported_names, is_within, read_sources

SOURCES = read_sources(CORE)
ADAPTER = "custom_components/inkling/core/backends/litert.py"
# What only the LiteRT adapter may import: the runtimes, and the subprocess that probes them.
ADAPTER_ONLY = {"ai_edge_litert", "tflite_runtime", "tensorflow", "subprocess", "importlib"}
IMPURE_MODULES = {
    "asyncio", "concurrent", "ctypes", "getpass", "http", "locale", "logging", "multiprocessing", "os", "platform",
    "random", "secrets", "select", "signal", "socket", "ssl", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
IMPURE_CALLS = {
    "now",
    "utcnow",
    "today",
    "time",
    "monotonic",
    "perf_counter",
    "getenv",
    "urandom",
    "uuid4",
    "default_rng",
}
BUILTIN_EFFECTS = {"print", "input", "open", "eval", "exec", "globals", "__import__"}


def test_core_was_scanned() -> None:
    """Refuse to call an empty folder pure."""
    assert {source.path.name for source in SOURCES} >= {
        "sample.py",
        "grid.py",
        "features.py",
        "window.py",
        "pipeline.py",
    }
    assert len(SOURCES) >= 15


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.label)
def test_imports_only_numpy_and_the_standard_library(source: Source) -> None:
    """Allow NumPy, the pure part of the standard library and core itself."""
    allowed = {"numpy"} | (sys.stdlib_module_names - IMPURE_MODULES - ADAPTER_ONLY)
    if "backends" in source.path.parts:
        # A plan reuses its buffers, so one lock keeps two callers out of them; nobody here starts a thread.
        allowed |= {"threading"}
    if source.label == ADAPTER:
        allowed |= ADAPTER_ONLY
    strangers = {
        name for name in imported_names(source) if name.split(".")[0] not in allowed and not is_within(name, CORE_NAME)
    }
    assert not strangers


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.label)
def test_relative_imports_stay_inside(source: Source) -> None:
    """Keep core liftable into a package of its own: it names itself only relatively and never climbs out."""
    absolute = [
        node.module
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and not node.level and is_within(node.module or "", "custom_components")
    ]
    assert not absolute


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.label)
def test_calls_no_clock_randomness_or_environment(source: Source) -> None:
    """Take time and generators as arguments."""
    assert list(impure_uses(source)) == []


def impure_uses(source: Source) -> list[str]:
    """Return every use of a clock, of randomness, of the environment or of a global, with its line."""
    found: list[str] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Global):
            found.append(f"{node.lineno}: global {', '.join(node.names)}")
        elif isinstance(node, ast.Call):
            name = dotted(node.func)
            if name.rpartition(".")[2] in IMPURE_CALLS or name in BUILTIN_EFFECTS:
                found.append(f"{node.lineno}: {name}()")
        elif isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "np.random", "numpy.random"}:
            found.append(f"{node.lineno}: {dotted(node)}")
    return found


@pytest.mark.parametrize(
    "line", ["x = datetime.now(tz=UTC)", "x = time.time()", "x = np.random.normal()", "x = os.environ['A']", "print(1)"]
)
def test_impure_lines_are_found(line: str) -> None:
    """Prove that the check above sees what it must see."""
    example = SOURCES[0]
    assert impure_uses(Source(path=example.path, module=example.module, tree=ast.parse(line)))
