"""Why a model is refused: the fault a repair is chosen by, and the sentence it shows."""

from __future__ import annotations

from enum import StrEnum


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


class ModelRefusedError(ValueError):
    """Say in one sentence why a model is not used."""

    def __init__(self, fault: ModelFault, detail: str) -> None:
        """Keep the machine-readable fault beside the sentence."""
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


def require(holds: object, fault: ModelFault, detail: str) -> None:
    """Refuse the model unless the condition holds."""
    if not holds:
        raise ModelRefusedError(fault, detail)


def require_graph(holds: object, detail: str) -> None:
    """Refuse the model as a bad graph unless the condition holds."""
    require(holds, ModelFault.BAD_GRAPH, detail)


def require_numbers(holds: object, detail: str) -> None:
    """Refuse the model for its numbers unless the condition holds."""
    require(holds, ModelFault.BAD_NUMBERS, detail)
