"""Read the repository's Python sources as syntax trees, for tests about who may import and call what."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import subprocess

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "custom_components" / "inkling"
CORE = COMPONENT / "core"
TRAINING = ROOT / "training"
COMPONENT_NAME = "custom_components.inkling"
CORE_NAME = "custom_components.inkling.core"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file: where it lies, what it is called, what it says."""

    path: Path
    module: str
    tree: ast.Module

    @property
    def label(self) -> str:
        """Return the path as a person would write it."""
        return self.path.relative_to(ROOT).as_posix()


def read_sources(folder: Path) -> list[Source]:
    """Return every Python file below a folder, environments and caches left out."""
    paths = [path for path in sorted(folder.rglob("*.py")) if not {".venv", "__pycache__"} & set(path.parts)]
    return [Source(path=path, module=module_name(path), tree=ast.parse(path.read_bytes())) for path in paths]


def module_name(path: Path) -> str:
    """Return the dotted name under which a file of this repository is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(source: Source) -> Iterator[str]:
    """Yield the absolute name of everything a file imports, wherever in the file it does so."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_base(source, node)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def resolve_base(source: Source, node: ast.ImportFrom) -> str:
    """Return the absolute module that a `from ... import` names."""
    if not node.level:
        return node.module or ""
    package = source.module.split(".")
    climbs = node.level - (source.path.name == "__init__.py")
    base = package[: len(package) - climbs] if climbs else package
    return ".".join([*base, *([node.module] if node.module else [])])


def is_within(name: str, package: str) -> bool:
    """Tell whether a dotted name is a package or lies inside it."""
    return name == package or name.startswith(f"{package}.")


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for an attribute chain, an empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


def tracked_files() -> list[Path]:
    """Return what git holds, or would hold after the next `git add`, that exists."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [path for name in sorted(set(found.split("\0"))) if name and (path := ROOT / name).is_file()]
