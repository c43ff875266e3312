"""Choose the kernel of an operator, and run one at once to fold constants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .calls import Call, Operand, PlainWorkspace
from .opcodes import Op
from .ops_conv import CONVOLUTIONS
from .ops_math import FLOATS
from .ops_move import MOVES
from .ops_pool import POOLS
from .ops_quant import QUANTIZED
from .schema import NUMPY_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .calls import Step, Workspace
    from .schema import Operator
    from .value import Value


def bind(call: Call, workspace: Workspace) -> Step:
    """Return the step that runs an operator on its arrays."""
    shared: dict[Op, Any] = MOVES | POOLS | CONVOLUTIONS
    quantized = call.op is Op.QUANTIZE or any(operand.is_int8 for operand in call.inputs)
    binder = shared.get(call.op) or (QUANTIZED if quantized else FLOATS)[call.op]
    step: Step = binder(call, workspace)
    return step


def evaluate(operator: Operator, inputs: Sequence[Value | None], outputs: list[Value], label: str) -> list[Value]:
    """Return the outputs of an operator whose inputs are all constants."""
    operands = [Operand(value.data, value) for value in inputs if value is not None and value.data is not None]
    made = tuple(Operand(np.empty(value.shape, NUMPY_TYPES[value.dtype]), value) for value in outputs)
    call = Call(operator.op, operator.options, tuple(operands), made, label)
    with np.errstate(all="ignore"):
        bind(call, PlainWorkspace())()
    return [operand.value.with_data(operand.array) for operand in made]
