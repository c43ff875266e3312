"""Write files whole or not at all."""

from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write under a temporary name, then rename: a reader never sees half a file."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(content.encode() if isinstance(content, str) else content)
    temporary.replace(path)
