"""Make the release zip, byte for byte the same from the same files: `python scripts/lib/package.py ROOT OUTPUT`."""

import hashlib
import json
from pathlib import Path
import sys
import zipfile

# The oldest time a zip can hold: the archive must not change with the day it is made on.
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644
SCHEMA_NAME = "schema.json"


class PackageError(Exception):
    """Say why no release can be made."""


def component_files(component: Path) -> dict[str, Path]:
    """Return the component's own files by their name in the zip."""
    files = {
        path.relative_to(component).as_posix(): path
        for path in component.rglob("*")
        if path.is_file() and not is_rubbish(path.relative_to(component))
    }
    if not {"__init__.py", "manifest.json"} <= files.keys():
        msg = f"{component} lacks __init__.py or manifest.json: run this in a whole checkout"
        raise PackageError(msg)
    return files


def is_rubbish(path: Path) -> bool:
    """Tell whether a file is a cache or hidden, hence not part of a release."""
    return path.suffix == ".pyc" or any(part == "__pycache__" or part.startswith(".") for part in path.parts)


def model_files(models: Path) -> dict[str, Path]:
    """Return the models and their manifests by their name in the zip, each checked against its sha256."""
    weights = sorted(models.glob("*.tflite"))
    if not weights:
        msg = f"{models} holds no .tflite: make the models with `python -m training` first"
        raise PackageError(msg)
    for path in weights:
        check_model(path)
    return {f"models/{path.name}": path for path in [*weights, *sorted(models.glob("*.json"))]}


def check_model(path: Path) -> None:
    """Refuse a model that has no manifest or is not the one its manifest names."""
    manifest = path.with_suffix(".json")
    if not manifest.exists():
        msg = f"{path.name} has no manifest {manifest.name}: train or remove it"
        raise PackageError(msg)
    if json.loads(manifest.read_text(encoding="utf-8")).get("sha256") != hashlib.sha256(path.read_bytes()).hexdigest():
        msg = f"{path.name} is not the file whose sha256 {manifest.name} names: train it again"
        raise PackageError(msg)


def write_zip(files: dict[str, Path], output: Path) -> None:
    """Write the files sorted and with fixed times, then move the archive into place."""
    output.parent.mkdir(parents=True, exist_ok=True)
    draft = output.with_name(f".{output.name}.new")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = FILE_MODE << 16
            entry.create_system = 3
            archive.writestr(entry, files[name].read_bytes())
    draft.replace(output)


def main(root: Path, output: Path) -> int:
    """Make the zip and say how large it is, or say why not."""
    try:
        files = component_files(root / "custom_components" / "inkling") | model_files(root / "models")
    except PackageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    write_zip(files, output)
    print(f"{output}: {len(files)} files, {output.stat().st_size / 1024:.0f} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
