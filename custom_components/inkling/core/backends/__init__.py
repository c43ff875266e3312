"""Run a validated TFLite model: the protocol, the faults a file is refused for, and the choice of backend."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from .faults import ModelFault, ModelRefusedError
from .litert import LiteRtBackend, is_importable
from .plan import PortableBackend
from .validate import validate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Backend", "BackendKind", "ModelFault", "ModelRefusedError", "available", "load"]


class BackendKind(StrEnum):
    """Which executor runs the model."""

    PORTABLE = "portable"
    LITERT = "litert"


class Backend(Protocol):
    """A loaded model, ready to run; shapes are without the batch dimension."""

    name: str
    input_shapes: tuple[tuple[int, ...], ...]
    output_shapes: tuple[tuple[int, ...], ...]

    def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Return float32 outputs for float32 inputs, batch first; raise ModelRefusedError (RUNTIME) on bad values."""
        ...


def available(kind: BackendKind) -> bool:
    """Tell whether the backend can run here; LiteRT is probed once, in a subprocess, since its import can kill."""
    return kind is BackendKind.PORTABLE or is_importable()


def load(data: bytes, kind: BackendKind = BackendKind.PORTABLE) -> Backend:
    """Validate all bytes, then make the model ready for the backend; raise ModelRefusedError with the misfit."""
    checked = validate(data)
    if kind is BackendKind.LITERT:
        return LiteRtBackend(data, checked.model)
    return PortableBackend(checked.model, checked.elements, fixed_batch=checked.fixed_batch)
