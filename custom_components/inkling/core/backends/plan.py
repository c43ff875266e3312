"""The portable backend: a plan per batch size, made once, of NumPy calls on memory set aside for them."""

from __future__ import annotations

from collections import Counter, OrderedDict
import math
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np

from ..quantize import dequantize, quantize
from .calls import FLOAT, Call, Chain, Operand, Step
from .faults import ModelFault, ModelRefusedError
from .fuse import Fused, Links, fuse
from .infer import Trace, trace_graph
from .kernels import bind
from .opcodes import Op
from .ops_conv import Conv, bind_conv, interior, padded_shape
from .schema import NUMPY_TYPES, DType
from .shapes import VIEWS, views
from .value import MAX_ELEMENTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .schema import Array, Model, Quantization, Shape

# Powers of two up to this: any batch is a few runs of plans that all stay in memory.
LARGEST_BATCH: Final = 64
_MAX_PLANS: Final = 7


class Arena:
    """Memory that is handed out while a plan is made, and handed out again once nobody reads it."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._free: list[Array] = []
        self._borrowed: list[Array] = []

    def take(self, shape: Shape, dtype: np.dtype[np.generic]) -> tuple[Array, Array]:
        """Return an array, and the memory to give back when it is no longer read."""
        wanted = max(math.prod(shape) * dtype.itemsize, 1)
        fitting = [memory for memory in self._free if memory.size >= wanted]
        if fitting:
            memory = min(fitting, key=lambda entry: entry.size)
            self._free = [entry for entry in self._free if entry is not memory]
        else:
            memory = np.empty(wanted, np.uint8)
        return memory[:wanted].view(dtype).reshape(shape), memory

    def give(self, memory: Array) -> None:
        """Take memory back."""
        self._free.append(memory)

    def scratch(self, shape: Shape, dtype: np.dtype[np.generic]) -> Array:
        """Return memory until `end_step`."""
        array, memory = self.take(shape, dtype)
        self._borrowed.append(memory)
        return array

    def kept(self, shape: Shape, dtype: np.dtype[np.generic], fill: float) -> Array:
        """Return memory that is never handed out again."""
        return np.full(shape, fill, dtype)

    def end_step(self) -> None:
        """Take back what was scratch for the step just bound."""
        self._free.extend(self._borrowed)
        self._borrowed.clear()


class Plan:
    """The steps of one batch size, bound to their memory."""

    def __init__(self, model: Model, batch: int) -> None:
        """Walk the graph, fuse, give every tensor memory, bind every step."""
        self._model = model
        self._trace: Trace = trace_graph(model, batch)
        self._links = Links(model, self._trace)
        self._fused = fuse(self._links)
        self._covered = {n for fused in self._fused.values() for n in fused.members if n not in self._fused}
        self._arena = Arena()
        self._arrays: dict[int, Array] = {}
        self._padded: dict[int, Array] = {}
        self._roots: dict[int, int] = {}
        self._memory: dict[int, Array] = {}
        self._waiting = self._reads()
        self._held: Counter[int] = Counter()
        self.steps: list[Step] = []
        for index in model.inputs:
            self._place(index)
        for number in self._trace.live:
            if number in self._fused:
                self._bind_fused(self._fused[number])
            elif number not in self._covered:
                self._bind_plain(number)
        self.inputs = [self._arrays[index] for index in model.inputs]
        self.outputs = [self._arrays[index] for index in model.outputs]

    def _reads(self) -> Counter[int]:
        """Count the steps that read each tensor, and the caller who reads the outputs."""
        reads = Counter(self._model.outputs)
        for fused in self._fused.values():
            reads[fused.image] += 1
        for number in self._trace.live:
            if number not in self._fused and number not in self._covered:
                reads.update(index for index in self._model.operators[number].inputs if index != -1)
        return reads

    def _reader_with_padding(self, index: int) -> Fused | None:
        """Return the padded convolution that is the only reader of a tensor of real numbers."""
        if self._waiting[index] != 1 or self._trace.values[index].dtype is not DType.FLOAT32:
            return None
        return next((fused for fused in self._fused.values() if fused.image == index and fused.pads), None)

    def _place(self, index: int, *, may_pad: bool = True) -> Array:
        """Give a tensor memory: inside its reader's padding where there is one."""
        value = self._trace.values[index]
        reader = self._reader_with_padding(index) if may_pad else None
        if reader is not None:
            padded = self._arena.kept(padded_shape(reader.geometry, reader.image_shape), FLOAT, 0)
            middle = interior(padded, reader.geometry, reader.image_shape)
            self._padded[index] = padded
            self._arrays[index] = middle if len(value.shape) == middle.ndim else middle[:, 0]
            return self._arrays[index]
        array, memory = self._arena.take(value.shape, NUMPY_TYPES[value.dtype])
        self._arrays[index], self._memory[index], self._roots[index] = array, memory, index
        self._held[index] = self._waiting[index]
        return array

    def _alias(self, index: int, source: int, view: Array) -> None:
        """Let a tensor be a view of another's memory."""
        self._arrays[index] = view
        # The source has memory of its own: one that lies inside a padding is read by that convolution alone.
        self._roots[index] = self._roots[source]
        self._held[self._roots[source]] += self._waiting[index]

    def _done_reading(self, indices: list[int]) -> None:
        """Give back the memory of what no later step reads."""
        for index in indices:
            root = self._roots.get(index)
            if root is None:
                continue
            self._held[root] -= 1
            if self._held[root] == 0:
                self._arena.give(self._memory[root])

    def _operand(self, index: int, shape: Shape | None = None) -> Operand:
        """Return a tensor's array and meaning, seen in another shape where asked."""
        value = self._trace.values[index]
        array = value.data if value.data is not None else self._arrays[index]
        if shape is not None and array.shape != shape:
            array = array[:, None] if array.ndim == len(shape) - 1 else array.reshape(shape)
        return Operand(array, value)

    def _append(self, step: Step) -> None:
        """Add a step, taking chains apart."""
        if isinstance(step, Chain):
            for part in step.steps:
                self._append(part)
        else:
            self.steps.append(step)

    def _bind_fused(self, fused: Fused) -> None:
        """Bind a fused convolution."""
        operator = self._model.operators[fused.conv]
        image = self._operand(fused.image, fused.image_shape)
        self._place(fused.out)
        has_bias = len(operator.inputs) > 2 and operator.inputs[2] != -1  # noqa: PLR2004 - data, weights, bias
        extra = None if fused.extra_bias is None else self._trace.values[fused.extra_bias].data
        inner = self._trace.values[operator.outputs[0]]
        out = Operand(self._operand(fused.out, fused.out_shape).array, inner)
        conv = Conv(
            operator.op,
            image,
            self._operand(operator.inputs[1]),
            self._operand(operator.inputs[2]) if has_bias else None,
            out,
            fused.geometry,
            fused.activation,
            operator.options.depth_multiplier,
            None if extra is None else extra.reshape(-1),
            self._padded.get(fused.image),
        )
        self._append(bind_conv(conv, self._arena))
        self._arena.end_step()
        self._done_reading([fused.image])

    def _bind_plain(self, number: int) -> None:
        """Bind an operator as it stands, or make its outputs views where nothing need be copied."""
        operator = self._model.operators[number]
        present = [index for index in operator.inputs if index != -1]
        inputs = tuple(self._operand(index) for index in present)
        if operator.op in VIEWS and self._bind_view(number, inputs):
            self._done_reading([index for index in present if index in self._arrays])
            return
        outputs = []
        for index in operator.outputs:
            self._place(index, may_pad=False)
            outputs.append(self._operand(index))
        call = Call(operator.op, operator.options, inputs, tuple(outputs), f"operator {number}")
        self._append(bind(call, self._arena))
        self._arena.end_step()
        self._done_reading(present)
        self._done_reading([index for index in operator.outputs if self._waiting[index] == 0])

    def _bind_view(self, number: int, inputs: tuple[Operand, ...]) -> bool:
        """Make an operator's outputs views of its input; False where that would take a copy."""
        operator = self._model.operators[number]
        position = 1 if operator.op is Op.SPLIT else 0
        source = inputs[position].array
        made = views(operator.op, source, operator.options, [operand.value for operand in inputs], f"operator {number}")
        if not all(np.may_share_memory(view, source) for view in made):
            return False
        for index, view in zip(operator.outputs, made, strict=True):
            self._alias(index, operator.inputs[position], view)
        return True


class PortableBackend:
    """Run a validated model with NumPy; one run at a time."""

    name = "portable"

    def __init__(self, model: Model, elements_per_sample: int, *, fixed_batch: bool) -> None:
        """Make the plan of one sample now, so that loading finds out what running would."""
        self._model = model
        self._input_quants = _quants(model, model.inputs)
        self._output_quants = _quants(model, model.outputs)
        self._lock = Lock()
        self._plans: OrderedDict[int, Plan] = OrderedDict()
        # Half the budget for the largest plan, as all the smaller ones together take as much again.
        fitting = max(1, MAX_ELEMENTS // 2 // max(elements_per_sample, 1))
        self._largest = 1 if fixed_batch else min(LARGEST_BATCH, 1 << (fitting.bit_length() - 1))
        with np.errstate(all="ignore"):
            plan = self._plan(1)
        self.input_shapes = tuple(array.shape[1:] for array in plan.inputs)
        self.output_shapes = tuple(array.shape[1:] for array in plan.outputs)

    def _plan(self, batch: int) -> Plan:
        """Return the plan of a batch size, making it if it is not at hand."""
        plan = self._plans.get(batch)
        if plan is None:
            plan = self._plans[batch] = Plan(self._model, batch)
            if len(self._plans) > _MAX_PLANS:
                self._plans.popitem(last=False)
        self._plans.move_to_end(batch)
        return plan

    def run(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Return float32 outputs for float32 inputs, batch first; raise ModelRefusedError (RUNTIME) on bad values."""
        with np.errstate(all="ignore"):
            batch = check_inputs(inputs, self.input_shapes)
            outputs = tuple(np.empty((batch, *shape), np.float32) for shape in self.output_shapes)
            start = 0
            with self._lock:
                while start < batch:
                    size = min(self._largest, 1 << ((batch - start).bit_length() - 1))
                    self._run_part(inputs, outputs, slice(start, start + size))
                    start += size
            check_outputs(outputs)
        return outputs

    def _run_part(self, inputs: tuple[Array, ...], outputs: tuple[Array, ...], rows: slice) -> None:
        """Run some rows of the batch through the plan of that many."""
        plan = self._plan(rows.stop - rows.start)
        for quant, target, source in zip(self._input_quants, plan.inputs, inputs, strict=True):
            part = source[rows]
            np.copyto(target, part if quant is None else quantize(part, quant.scale, quant.zero_point))
        for step in plan.steps:
            step()
        for quant, source, target in zip(self._output_quants, plan.outputs, outputs, strict=True):
            np.copyto(target[rows], source if quant is None else dequantize(source, quant.scale, quant.zero_point))


def _quants(model: Model, indices: tuple[int, ...]) -> list[Quantization | None]:
    """Return how each tensor is quantised; None where its numbers are real."""
    tensors = [model.tensors[index] for index in indices]
    return [tensor.quantization if tensor.dtype is DType.INT8 else None for tensor in tensors]


def _finite(array: NDArray[np.float32]) -> bool:
    """Tell whether every number is finite; the sum is one cheap call and is right whenever it is finite."""
    return math.isfinite(np.add.reduce(array, None)) or bool(np.isfinite(array).all())


def check_inputs(inputs: tuple[NDArray[np.float32], ...], shapes: tuple[Shape, ...]) -> int:
    """Return the batch size of inputs that fit; raise ModelRefusedError otherwise."""
    found = [array.shape for array in inputs]
    batch = found[0][0] if found and found[0] else 0
    if batch < 1 or found != [(batch, *shape) for shape in shapes]:
        wanted = ", ".join(str(("batch", *shape)) for shape in shapes)
        msg = f"the model takes {wanted} but was given {found}"
        raise ModelRefusedError(ModelFault.RUNTIME, msg)
    for array in inputs:
        if not _finite(array):
            raise ModelRefusedError(ModelFault.RUNTIME, "the model was given a number that is not finite")
    return batch


def check_outputs(outputs: tuple[NDArray[np.float32], ...]) -> None:
    """Raise ModelRefusedError unless every number of an answer is finite."""
    for array in outputs:
        if not _finite(array):
            raise ModelRefusedError(ModelFault.RUNTIME, "the model answered with a number that is not finite")
