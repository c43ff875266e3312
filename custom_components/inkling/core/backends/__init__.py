"""Run a validated TFLite model: the protocol, the faults a file is refused for, and the choice of backend."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ModelFault(StrEnum):
    """Why a model was refused; one repair text each."""

    TRUNCATED = "truncated"
    NOT_A_MODEL = "not_a_model"
    OVERSIZED = "oversized"
    UNSUPPORTED_OPERATOR = "unsupported_operator"
    BAD_GRAPH = "bad_graph"
    BAD_NUMBERS = "bad_numbers"
    OVER_BUDGET = "over_budget"
    HASH_MISMATCH = "hash_mismatch"
    MANIFEST_MISFIT = "manifest_misfit"
    MISSING = "missing"
    RUNTIME = "runtime"


class BackendKind(StrEnum):
    """Which executor runs the model."""

    PORTABLE = "portable"
    LITERT = "litert"


class ModelRefusedError(ValueError):
    """Say in one sentence why a model is not used."""

    def __init__(self, fault: ModelFault, detail: str) -> None:
        """Keep the machine-readable fault beside the sentence."""
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class Backend(Protocol):
    """A loaded model, ready to run; shapes are without the batch dimension."""

    name: str
    input_shapes: tuple[tuple[int, ...], ...]
    output_shapes: tuple[tuple[int, ...], ...]

    def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Return float32 outputs for float32 inputs, batch first; raise ModelRefusedError (RUNTIME) on bad values."""
        ...


def available(kind: BackendKind) -> bool:
    """Tell whether the backend can run here; LiteRT is probed in a subprocess."""
    if kind is BackendKind.PORTABLE:
        return True
    from .litert import is_importable  # noqa: PLC0415 - the portable path must not load subprocess machinery

    return is_importable()


def load(data: bytes, kind: BackendKind = BackendKind.PORTABLE) -> Backend:
    """Validate all bytes, then plan the model for the backend; raise ModelRefusedError with the misfit."""
    from .validate import validate  # noqa: PLC0415 - these modules import this one's errors

    model = validate(data)
    if kind is BackendKind.LITERT:
        from .litert import LiteRtBackend  # noqa: PLC0415

        return LiteRtBackend(data, model)
    from .plan import PortableBackend  # noqa: PLC0415

    return PortableBackend(model)
