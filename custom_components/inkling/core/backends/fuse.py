"""Find the operators that one convolution was taken apart into, and put them back together.

A dilated causal Conv1D is written as PAD, SPACE_TO_BATCH_ND, EXPAND_DIMS, CONV_2D, RESHAPE, BATCH_TO_SPACE_ND and,
with the real bias and activation, ADD; running those one by one costs ten times the convolution.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from .opcodes import Op
from .options import Activation
from .schema import DType
from .shapes import pads_of
from .shapes_math import Geometry, geometry

if TYPE_CHECKING:
    from .infer import Trace
    from .schema import Model, Operator, Shape
    from .value import Value

_CONVOLUTIONS: Final = frozenset({Op.CONV_2D, Op.DEPTHWISE_CONV_2D})
_IMAGE_RANK: Final = 4


@dataclass(frozen=True, slots=True)
class Fused:
    """Operators that run as one convolution: from tensor `image`, seen as `image_shape`, to tensor `out`."""

    conv: int
    members: frozenset[int]
    image: int
    image_shape: Shape
    out: int
    out_shape: Shape
    geometry: Geometry
    activation: Activation
    extra_bias: int | None = None

    @property
    def pads(self) -> bool:
        """Tell whether the image is padded."""
        return any(sum(pad) for pad in self.geometry.pads)


class Links:
    """Who makes and who reads each tensor among the operators that are left to run."""

    def __init__(self, model: Model, trace: Trace) -> None:
        """Index the live operators."""
        self.model, self.trace = model, trace
        self.maker = {out: number for number in trace.live for out in model.operators[number].outputs}
        self.readers: dict[int, list[int]] = {}
        for number in trace.live:
            for index in set(model.operators[number].inputs):
                self.readers.setdefault(index, []).append(number)
        self._reads = Counter(model.outputs)
        self._reads.update(i for number in trace.live for i in model.operators[number].inputs)

    def shape(self, index: int) -> Shape:
        """Return a tensor's shape."""
        return self.trace.values[index].shape

    def private(self, index: int) -> bool:
        """Tell whether a tensor is read in one place only."""
        return self._reads[index] == 1

    def before(self, index: int, ops: frozenset[Op]) -> int | None:
        """Return the operator that makes a tensor for its one reader, when it is one of these."""
        number = self.maker.get(index)
        fits = number is not None and self.private(index) and self.model.operators[number].op in ops
        return number if fits else None

    def after(self, index: int, ops: frozenset[Op]) -> int | None:
        """Return the one operator that reads a tensor, when it is one of these."""
        readers = self.readers.get(index, [])
        fits = len(readers) == 1 and self.private(index) and self.model.operators[readers[0]].op in ops
        return readers[0] if fits else None

    def value(self, operator: Operator, position: int) -> Value:
        """Return one of an operator's inputs."""
        return self.trace.values[operator.inputs[position]]


_VIEW: Final = frozenset({Op.EXPAND_DIMS, Op.RESHAPE})


def _image_shape(shape: Shape) -> Shape:
    """Return a shape as (batch, height, width, channels): a sequence has a height of 1."""
    return (shape[0], 1, *shape[1:]) if len(shape) == _IMAGE_RANK - 1 else shape


def _spatial(pairs: tuple[tuple[int, int], ...], rank: int, rest: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Return entries for (height, width) of those given for the spatial dimensions of a sequence or an image."""
    return pairs if rank == _IMAGE_RANK else (rest, *pairs)


class _Matcher:
    """Grow one convolution upwards and downwards as far as the pattern holds."""

    def __init__(self, links: Links, number: int) -> None:
        """Start from the convolution itself."""
        self.links = links
        self.operator = links.model.operators[number]
        self.members = {number}
        self.image, self.out = self.operator.inputs[0], self.operator.outputs[0]
        filters = links.value(self.operator, 1).shape
        self.geometry = geometry(self.operator.options, links.shape(self.image), (filters[1], filters[2]), "")
        self.activation = self.operator.options.activation
        self.extra_bias: int | None = None

    def _skip_view(self, index: int, *, upwards: bool) -> tuple[int, set[int]]:
        """Step over an operator that only adds or removes the height of 1."""
        number = self.links.before(index, _VIEW) if upwards else self.links.after(index, _VIEW)
        if number is None:
            return index, set()
        operator = self.links.model.operators[number]
        other = operator.inputs[0] if upwards else operator.outputs[0]
        if _image_shape(self.links.shape(other)) != _image_shape(self.links.shape(index)):
            return index, set()
        return other, {number}

    def dilation(self) -> None:
        """Take in SPACE_TO_BATCH_ND before and BATCH_TO_SPACE_ND behind, which together are a dilation."""
        image, above = self._skip_view(self.image, upwards=True)
        out, below = self._skip_view(self.out, upwards=False)
        first = self.links.before(image, frozenset({Op.SPACE_TO_BATCH_ND}))
        last = self.links.after(out, frozenset({Op.BATCH_TO_SPACE_ND}))
        plain = self.geometry.strides == self.geometry.dilations == (1, 1) and not any(map(sum, self.geometry.pads))
        if first is None or last is None or not plain:
            return
        spread, gather = self.links.model.operators[first], self.links.model.operators[last]
        blocks = self.links.value(spread, 1).integers()
        rank = len(self.links.shape(image))
        if blocks != self.links.value(gather, 1).integers() or len(blocks) != rank - 2:
            return
        pads = pads_of(self.links.value(spread, 2), len(blocks), "")
        crops = pads_of(self.links.value(gather, 2), len(blocks), "")
        total = tuple((p[0] - c[0], p[1] - c[1]) for p, c in zip(pads, crops, strict=True))
        if min(min(pad) for pad in total) < 0:
            return
        dilations = blocks if rank == _IMAGE_RANK else (1, *blocks)
        target = _image_shape(self.links.shape(gather.outputs[0]))
        around = _spatial(total, rank, (0, 0))
        self.geometry = replace(
            self.geometry,
            dilations=(dilations[0], dilations[1]),
            pads=(around[0], around[1]),
            out=(target[1], target[2]),
        )
        self.members |= {first, last} | above | below
        self.image, self.out = spread.inputs[0], gather.outputs[0]

    def padding(self) -> None:
        """Take in a PAD of height and width before."""
        image, above = self._skip_view(self.image, upwards=True)
        number = self.links.before(image, frozenset({Op.PAD}))
        if number is None:
            return
        operator = self.links.model.operators[number]
        rank = len(self.links.shape(image))
        pads = pads_of(self.links.value(operator, 1), rank, "")
        if sum(pads[0]) + sum(pads[-1]):
            return
        around = _spatial(pads[1:-1], rank, (0, 0))
        joined = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(self.geometry.pads, around, strict=True)]
        self.geometry = replace(self.geometry, pads=(joined[0], joined[1]))
        self.members |= {number} | above
        self.image = operator.inputs[0]

    def bias(self) -> None:
        """Take in an ADD of one number per channel behind, with its activation; in real numbers only."""
        out, below = self._skip_view(self.out, upwards=False)
        number = self.links.after(out, frozenset({Op.ADD}))
        self.members |= below
        self.out = out
        if number is None or self.activation is not Activation.NONE:
            return
        operator = self.links.model.operators[number]
        if self.links.trace.values[out].dtype is not DType.FLOAT32:
            return
        (other,) = (index for index in operator.inputs if index != out)
        value = self.links.trace.values[other]
        channels = self.links.shape(out)[-1]
        if value.data is None or value.size != channels or value.shape[-1:] != (channels,):
            return
        if self.links.shape(operator.outputs[0]) != self.links.shape(out):
            return
        self.members.add(number)
        self.out, self.extra_bias = operator.outputs[0], other
        self.activation = operator.options.activation

    def result(self, conv: int) -> Fused:
        """Return what was found."""
        image = _image_shape(self.links.shape(self.image))
        out = _image_shape(self.links.shape(self.out))
        members = frozenset(self.members)
        return Fused(conv, members, self.image, image, self.out, out, self.geometry, self.activation, self.extra_bias)


def fuse(links: Links) -> dict[int, Fused]:
    """Return the fused convolutions by the last operator of each, after which their result is there."""
    found: dict[int, Fused] = {}
    for number in links.trace.live:
        if links.model.operators[number].op not in _CONVOLUTIONS:
            continue
        matcher = _Matcher(links, number)
        matcher.dilation()
        matcher.padding()
        matcher.bias()
        fused = matcher.result(number)
        found[max(fused.members)] = fused
    return found
