"""Find, verify and load the models: a home's own wins over the one that came with Inkling."""

from dataclasses import dataclass
from enum import StrEnum
import logging
from pathlib import Path

from .core.backends import BackendKind, ModelFault, ModelRefusedError, available
from .core.manifest import MANIFEST_BYTES_LIMIT, Task
from .core.pipeline import Model, open_model

_LOGGER = logging.getLogger(__name__)

# Ours have tens of kilobytes; anything of this size is no model for a Raspberry Pi, and is not even read.
MODEL_BYTES_LIMIT = 16 * 1024 * 1024
OUTSIDE = "outside"
"""A fault besides the core's: the file is a link that leaves its folder."""
# Resolved: the demo and developers link to a checkout from their configuration folder.
_COMPONENT = Path(__file__).resolve().parent


class Origin(StrEnum):
    """Where a model comes from."""

    HOME = "home"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a model file is not used, for a repair."""

    fault: str
    origin: Origin
    file: str
    detail: str


@dataclass(frozen=True, slots=True)
class FoundModel:
    """The model in use, None when there is none, and all that was refused on the way."""

    model: Model | None
    origin: Origin | None
    problems: tuple[Problem, ...] = ()
    backend_missing: bool = False
    """The wished-for backend cannot run here, so the portable one does."""


def shipped_folders() -> tuple[Path, ...]:
    """Return where the models lie that come with Inkling: in a release beside the code, in a checkout above it."""
    return (_COMPONENT / "models", _COMPONENT.parents[1] / "models")


def load_model(config_folder: Path, wished: BackendKind, task: Task = Task.OCCUPANCY) -> FoundModel:
    """Return the first model of a task that fits, the home's own first. Reads files: never on the event loop."""
    backend_missing = not available(wished)
    kind = BackendKind.PORTABLE if backend_missing else wished
    problems: list[Problem] = []
    shipped = next((folder for folder in shipped_folders() if (folder / f"{task}.json").exists()), None)
    for origin, folder in ((Origin.HOME, config_folder / "inkling" / "models"), (Origin.SHIPPED, shipped)):
        if folder is None or not _is_there(folder, task):
            continue
        try:
            model = _open(folder, task, kind)
        except _OutsideError as err:
            problems.append(Problem(OUTSIDE, origin, err.file, str(err)))
        except ModelRefusedError as err:
            problems.append(Problem(err.fault, origin, f"{task}.tflite", err.detail))
        except Exception as err:
            # Whatever a file does to the code that reads it, it costs a repair and not the set-up.
            _LOGGER.exception("A model file could not be tried")
            problems.append(Problem(ModelFault.RUNTIME, origin, f"{task}.tflite", type(err).__name__))
        else:
            return FoundModel(model, origin, tuple(problems), backend_missing)
    if not any(problem.origin is Origin.SHIPPED for problem in problems):
        detail = "no model came with this installation"
        problems.append(Problem(ModelFault.MISSING, Origin.SHIPPED, f"{task}.tflite", detail))
    return FoundModel(None, None, tuple(problems), backend_missing)


class _OutsideError(Exception):
    """Say that a file's real place is not in its folder."""

    def __init__(self, file: str) -> None:
        """Keep the file's name beside the sentence."""
        super().__init__(f"{file} is a link that leads out of its folder")
        self.file = file


def _is_there(folder: Path, task: Task) -> bool:
    """Return whether a folder holds either half of a task's model; a broken link counts."""
    return any((folder / f"{task}{end}").is_symlink() or (folder / f"{task}{end}").exists() for end in _ENDS)


_ENDS = (".json", ".tflite")


def _open(folder: Path, task: Task, kind: BackendKind) -> Model:
    """Return a folder's model of a task."""
    manifest = _read(folder, f"{task}.json", MANIFEST_BYTES_LIMIT)
    model = open_model(manifest, _read(folder, f"{task}.tflite", MODEL_BYTES_LIMIT), kind)
    if model.manifest.task is not task:
        detail = f"the manifest is for the task {model.manifest.task}, not {task}"
        raise ModelRefusedError(ModelFault.MANIFEST_MISFIT, detail)
    return model


def _read(folder: Path, name: str, limit_bytes: int) -> bytes:
    """Return a file's bytes; refuse one that is missing, leads out of its folder or is too long, before reading it."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise _OutsideError(name)
    try:
        size = path.stat().st_size
        if size > limit_bytes:
            detail = f"{name} is {size} bytes long, more than the {limit_bytes} allowed"
            raise ModelRefusedError(ModelFault.OVERSIZED, detail)
        with path.open("rb") as file:
            # A file may grow between the two calls.
            return file.read(limit_bytes)
    except OSError as err:
        detail = f"{name} cannot be read: {err.strerror or err}"
        raise ModelRefusedError(ModelFault.MISSING, detail) from err
