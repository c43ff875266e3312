"""Every item of the loader's checklist refuses a file made to break it, and names what is wrong."""

from dataclasses import replace
import struct

import numpy as np
import pytest

from custom_components.inkling.core.backends import ModelFault, ModelRefusedError, load
from custom_components.inkling.core.backends.opcodes import Op
from custom_components.inkling.core.backends.schema import MAX_COUNT, MAX_FILE_BYTES
from tests.core.backends.writer import (
    BOOL,
    FLOAT16,
    FLOAT32,
    INT8,
    INT32,
    M,
    O,
    Scalar,
    T,
    Table,
    Tables,
    Vector,
    dense,
    file_of,
    ints,
    live,
    one,
)

GRAPH, NUMBERS = ModelFault.BAD_GRAPH, ModelFault.BAD_NUMBERS
UNSUPPORTED, BUDGET = ModelFault.UNSUPPORTED_OPERATOR, ModelFault.OVER_BUDGET
TRUNCATED, OVERSIZED, NOT_A_MODEL = ModelFault.TRUNCATED, ModelFault.OVERSIZED, ModelFault.NOT_A_MODEL
DENSE = dense()
BYTES = DENSE.bytes()


def refusal(data: bytes) -> ModelRefusedError:
    """Return the refusal of a file."""
    with pytest.raises(ModelRefusedError) as caught:
        load(data)
    return caught.value


def quantized(*shape: int, scale: float = 0.1, **changes: object) -> T:
    """Return an int8 tensor with a batch."""
    return replace(live(*shape, dtype=INT8, scales=(scale,)), **changes)  # type: ignore[arg-type]


def patched(position: int, value: int) -> bytes:
    """Return the dense model with four bytes changed."""
    data = bytearray(BYTES)
    struct.pack_into("<I", data, position, value)
    return bytes(data)


def with_root(fields: dict[int, Scalar | Vector | Table | Tables]) -> bytes:
    """Return the dense model with root fields changed."""
    return file_of(Table({**DENSE._root(), **fields}))


ROOT = struct.unpack_from("<I", BYTES)[0]
VTABLE = ROOT - struct.unpack_from("<i", BYTES, ROOT)[0]
BAD_VTABLE = bytearray(BYTES)
struct.pack_into("<H", BAD_VTABLE, VTABLE, 3)
BAD_SIZE = bytearray(BYTES)
struct.pack_into("<H", BAD_SIZE, VTABLE + 2, 65000)
BAD_FIELD = bytearray(BYTES)
struct.pack_into("<H", BAD_FIELD, VTABLE + 4, 60000)
BAD_BACK = bytearray(BYTES)
struct.pack_into("<i", BAD_BACK, ROOT, -(1 << 30))
VECTOR_SLOT = struct.unpack_from("<H", BYTES, VTABLE + 6)[0]
CODES = ROOT + VECTOR_SLOT
CODES_AT = CODES + struct.unpack_from("<I", BYTES, CODES)[0]

CONTAINERS = {
    "empty": (b"", TRUNCATED, "empty"),
    "short": (BYTES[:6], TRUNCATED, "cut short"),
    "half": (BYTES[: len(BYTES) // 2], TRUNCATED, "cut short"),
    "garbage": (b"\x07" * 500, NOT_A_MODEL, "not a TFLite model"),
    "text": (b"<html>not found</html>", NOT_A_MODEL, "not a TFLite model"),
    "oversized": (BYTES + b"\0" * MAX_FILE_BYTES, OVERSIZED, "at most"),
    "schema version": (replace(DENSE, version=2).bytes(), NOT_A_MODEL, "schema version 2"),
    "root outside": (patched(0, 1 << 30), TRUNCATED, "cut short"),
    "vtable outside": (bytes(BAD_BACK), TRUNCATED, "cut short"),
    "vtable size": (bytes(BAD_VTABLE), NOT_A_MODEL, "vtable"),
    "table size": (bytes(BAD_SIZE), NOT_A_MODEL, "past the end"),
    "field outside": (bytes(BAD_FIELD), NOT_A_MODEL, "outside its table"),
    "offset zero": (patched(CODES, 0), NOT_A_MODEL, "points at itself"),
    "vector past the end": (patched(CODES_AT, 1 << 29), TRUNCATED, "claims"),
    "no subgraph": (replace(DENSE, subgraphs=0).bytes(), GRAPH, "0 subgraphs"),
    "two subgraphs": (replace(DENSE, subgraphs=2).bytes(), GRAPH, "2 subgraphs"),
    "many buffers": (with_root({4: Tables([Table({})] * (MAX_COUNT + 1))}), OVERSIZED, "2049 buffers"),
    "many tensors": (replace(DENSE, tensors=(*DENSE.tensors, *[live(1)] * MAX_COUNT)).bytes(), OVERSIZED, "tensors"),
    "many operators": (replace(DENSE, operators=DENSE.operators * 2049).bytes(), OVERSIZED, "2049 operator"),
    "long name": (DENSE.tensor(0, name="n" * 2000).bytes(), OVERSIZED, "name"),
    "external buffers": (with_root({9: Vector("I", [1, 2])}), GRAPH, "outside the file"),
    "buffer groups": (with_root({8: Vector("I", [1])}), GRAPH, "outside the file"),
    "buffer offset": (replace(DENSE, buffer_extra={1: Scalar("Q", 64)}).bytes(), GRAPH, "outside the model"),
    "buffer size": (replace(DENSE, buffer_extra={2: Scalar("Q", 64)}).bytes(), GRAPH, "outside the model"),
}


@pytest.mark.parametrize(("data", "fault", "words"), CONTAINERS.values(), ids=CONTAINERS)
def test_container(data: bytes, fault: ModelFault, words: str) -> None:
    """Refuse a container that does not hold together."""
    error = refusal(data)
    assert error.fault is fault
    assert words in str(error)


@pytest.mark.parametrize("length", range(0, len(BYTES), 3))
def test_every_truncation(length: int) -> None:
    """Refuse the file cut anywhere."""
    with pytest.raises(ModelRefusedError) as caught:
        load(BYTES[:length])
    assert caught.value.fault in {TRUNCATED, NOT_A_MODEL, GRAPH}


TENSORS = {
    "rank": (DENSE.tensor(0, shape=(1,) * 6, signature=None), GRAPH, "6 dimensions"),
    "dimension zero": (DENSE.tensor(0, shape=(1, 0), signature=None), GRAPH, "impossible shape"),
    "dimension negative": (DENSE.tensor(0, shape=(1, -3), signature=None), GRAPH, "impossible shape"),
    "dimension huge": (DENSE.tensor(0, shape=(1, 65537), signature=None), GRAPH, "impossible shape"),
    "signature length": (DENSE.tensor(0, signature=(-1,)), GRAPH, "signature"),
    "signature differs": (DENSE.tensor(0, signature=(-1, 4)), GRAPH, "signature"),
    "signature open": (DENSE.tensor(0, signature=(-1, -1)), GRAPH, "open size"),
    "batch of two": (DENSE.tensor(0, shape=(2, 3), signature=None), GRAPH, "batch sizes"),
    "scalar input": (DENSE.tensor(0, shape=(), signature=None), GRAPH, "no batch dimension"),
    "float16": (DENSE.tensor(1, dtype=FLOAT16), UNSUPPORTED, "element type 1"),
    "string": (DENSE.tensor(1, dtype=5, data=b"six"), UNSUPPORTED, "element type 5"),
    "variable": (DENSE.tensor(3, extra={5: Scalar("?", 1)}), GRAPH, "variable"),
    "sparse": (DENSE.tensor(1, extra={6: Table({})}), GRAPH, "sparse"),
    "variant": (DENSE.tensor(1, extra={9: Tables([])}), GRAPH, "variant"),
    "external data": (DENSE.tensor(1, extra={10: Scalar("I", 1)}), GRAPH, "outside the model"),
    "custom quantisation": (DENSE.tensor(1, extra={4: Table({4: Scalar("B", 1)})}), GRAPH, "custom quantisation"),
    "buffer index": (DENSE.tensor(1, extra={2: Scalar("I", 99)}), GRAPH, "buffer 99"),
    "bytes missing": (DENSE.tensor(1, data=b"\0" * 20), GRAPH, "20 bytes"),
    "bytes left over": (DENSE.tensor(1, data=b"\0" * 28), GRAPH, "28 bytes"),
    "truth value": (DENSE.tensor(2, dtype=BOOL, data=b"\1\2"), NUMBERS, "truth value"),
    "weights not a number": (DENSE.tensor(1, data=[np.nan] * 6), NUMBERS, "not finite"),
    "bias infinite": (DENSE.tensor(2, data=[0, np.inf]), NUMBERS, "not finite"),
    "scale not a number": (DENSE.tensor(0, scales=(np.nan,)), NUMBERS, "scale"),
    "scale infinite": (DENSE.tensor(0, scales=(np.inf,)), NUMBERS, "scale"),
    "scale zero": (DENSE.tensor(0, scales=(0,)), NUMBERS, "scale"),
    "scale negative": (DENSE.tensor(0, scales=(-1,)), NUMBERS, "scale"),
    "scales against shape": (DENSE.tensor(1, scales=(1, 1, 1)), NUMBERS, "3 scales"),
    "scales' dimension": (DENSE.tensor(1, scales=(1, 1), axis=7), NUMBERS, "2 scales"),
    "zero points": (DENSE.tensor(1, scales=(1, 1), zeros=(1, 1, 1)), NUMBERS, "3 zero points"),
    "zero point range": (DENSE.tensor(0, dtype=INT8, scales=(1,), zeros=(128,)), NUMBERS, "zero point"),
    "zero point below": (DENSE.tensor(0, dtype=INT8, scales=(1,), zeros=(-(1 << 40),)), NUMBERS, "zero point"),
    "int8 input without a scale": (DENSE.tensor(0, dtype=INT8), NUMBERS, "0 scales"),
    "int32 input": (DENSE.tensor(0, dtype=INT32), GRAPH, "only float32 and int8"),
    "constant input": (DENSE.tensor(0, data=[1, 2, 3], signature=None), GRAPH, "is a constant"),
    "output shape": (DENSE.tensor(3, shape=(1, 9), signature=(-1, 9)), GRAPH, "but it makes"),
}


@pytest.mark.parametrize(("model", "fault", "words"), TENSORS.values(), ids=TENSORS)
def test_tensor(model: M, fault: ModelFault, words: str) -> None:
    """Refuse a tensor that is not what an honest converter writes."""
    error = refusal(model.bytes())
    assert error.fault is fault
    assert words in str(error)


CONV = one(
    Op.CONV_2D,
    [live(1, 8, 2), T((3, 1, 3, 2), data=np.ones(18)), T((3,), data=[0, 0, 0])],
    live(1, 6, 3),
    union=1,
    options={0: Scalar("b", 1), 1: Scalar("i", 1), 2: Scalar("i", 1)},
)


def conv(**options: Scalar) -> M:
    """Return the convolution with options changed, by slot (s3 is slot 3)."""
    slots = {int(name[1:]): value for name, value in options.items()}
    return CONV.operator(0, options={**CONV.operators[0].options, **slots})


OPERATORS = {
    "custom": (DENSE.operator(0, op=32, custom="FlexTensorListReserve"), UNSUPPORTED, "FlexTensorListReserve"),
    "custom unnamed": (DENSE.operator(0, op=32), UNSUPPORTED, "operator CUSTOM"),
    "while": (
        DENSE.operator(0, op=119),
        UNSUPPORTED,
        "operator WHILE, which is not supported: unroll the recurrent layer",
    ),
    "if": (DENSE.operator(0, op=118), UNSUPPORTED, "operator IF"),
    "call": (DENSE.operator(0, op=31), UNSUPPORTED, "operator CALL"),
    "variable handle": (
        DENSE.operator(0, op=142),
        UNSUPPORTED,
        "operator VAR_HANDLE, which is not supported: the weights are not in the file",
    ),
    "hash table": (DENSE.operator(0, op=136), UNSUPPORTED, "operator HASHTABLE"),
    "unheard of": (DENSE.operator(0, op=9999), UNSUPPORTED, "operator number 9999"),
    "negative": (DENSE.operator(0, op=-3), UNSUPPORTED, "operator number -3"),
    "version of tomorrow": (DENSE.operator(0, version=99), UNSUPPORTED, "version 99"),
    "version zero": (DENSE.operator(0, version=0), UNSUPPORTED, "version 0"),
    "operator table": (DENSE.operator(0, extra={0: Scalar("I", 7)}), GRAPH, "entry 7"),
    "custom options": (DENSE.operator(0, extra={5: Vector("B", b"x")}), GRAPH, "custom options"),
    "large custom options": (DENSE.operator(0, extra={9: Scalar("Q", 8)}), GRAPH, "custom options"),
    "changed inputs": (DENSE.operator(0, extra={7: Vector("B", b"\1")}), GRAPH, "changes its inputs"),
    "intermediates": (DENSE.operator(0, extra={8: Vector("i", [0])}), GRAPH, "intermediates"),
    "options of another": (DENSE.operator(0, union=1), GRAPH, "options of another"),
    "activation": (DENSE.operator(0, options={0: Scalar("b", 5)}), UNSUPPORTED, "activation number 5"),
    "padding": (conv(s0=Scalar("b", 2)), UNSUPPORTED, "padding number 2"),
    "shuffled weights": (DENSE.operator(0, options={1: Scalar("b", 1)}), GRAPH, "shuffled"),
    "no operator": (replace(DENSE, operators=()), GRAPH, "no operators"),
    "no input": (replace(DENSE, inputs=()), GRAPH, "0 inputs"),
    "no output": (replace(DENSE, outputs=()), GRAPH, "0 outputs"),
    "many inputs": (replace(DENSE, inputs=(0,) * 17), GRAPH, "17 inputs"),
    "input twice": (replace(DENSE, inputs=(0, 0)), GRAPH, "twice"),
    "input outside": (replace(DENSE, inputs=(44,)), GRAPH, "tensor 44"),
    "output outside": (replace(DENSE, outputs=(-1,)), GRAPH, "tensor -1"),
    "output is input": (replace(DENSE, outputs=(0,)), GRAPH, "nothing makes"),
    "reads outside": (DENSE.operator(0, inputs=(0, 99, 2)), GRAPH, "reads tensor 99"),
    "weights left out": (DENSE.operator(0, inputs=(0, -1, 2)), GRAPH, "reads tensor -1"),
    "data left out": (DENSE.operator(0, inputs=(-1, 1, 2)), GRAPH, "reads tensor -1"),
    "below -1": (DENSE.operator(0, inputs=(0, 1, -2)), GRAPH, "reads tensor -2"),
    "reads the future": (DENSE.operator(0, inputs=(3, 1, 2)), GRAPH, "before anything makes it"),
    "writes outside": (DENSE.operator(0, outputs=(99,)), GRAPH, "writes tensor 99"),
    "writes a constant": (DENSE.operator(0, outputs=(2,)), GRAPH, "already there"),
    "writes an input": (DENSE.operator(0, outputs=(0,)), GRAPH, "already there"),
    "writes twice": (replace(DENSE, operators=DENSE.operators * 2), GRAPH, "already there"),
    "two outputs": (
        replace(DENSE, tensors=(*DENSE.tensors, live(2))).operator(0, outputs=(3, 4)),
        GRAPH,
        "makes 1 outputs",
    ),
    "no inputs": (DENSE.operator(0, inputs=()), GRAPH, "0 inputs"),
    "four inputs": (DENSE.operator(0, inputs=(0, 1, 2, 2)), GRAPH, "4 inputs"),
    "element types": (DENSE.tensor(1, dtype=INT32), GRAPH, "weights are INT32"),
    "bias type": (DENSE.tensor(2, dtype=INT32), GRAPH, "bias of FLOAT32"),
    "output type": (DENSE.tensor(3, dtype=INT8, scales=(1,)), GRAPH, "cannot make INT8"),
    "bias length": (DENSE.tensor(2, shape=(1,), data=[1]), GRAPH, "another bias"),
    "weights' shape": (DENSE.tensor(1, shape=(3, 2)), GRAPH, "cannot multiply"),
    "weights' rank": (DENSE.tensor(1, shape=(6,)), GRAPH, "cannot multiply"),
    "stride zero": (conv(s1=Scalar("i", 0)), GRAPH, "impossible strides"),
    "stride negative": (conv(s2=Scalar("i", -1)), GRAPH, "impossible strides"),
    "dilation zero": (conv(s4=Scalar("i", 0)), GRAPH, "impossible strides"),
    "dilation huge": (conv(s4=Scalar("i", 1 << 30)), GRAPH, "impossible strides"),
    "filter over the edge": (conv(s4=Scalar("i", 8)), GRAPH, "impossible shape"),
    "conv channels": (CONV.tensor(1, shape=(2, 1, 3, 3)), GRAPH, "channels"),
    "conv rank": (CONV.tensor(1, shape=(3, 6)), GRAPH, "4 weight dimensions"),
    "image rank": (CONV.tensor(0, shape=(1, 8, 2), signature=None), GRAPH, "4 dimensions"),
}


@pytest.mark.parametrize(("model", "fault", "words"), OPERATORS.values(), ids=OPERATORS)
def test_operator(model: M, fault: ModelFault, words: str) -> None:
    """Refuse an operator that is unknown, or that does not fit what it reads and writes."""
    error = refusal(model.bytes())
    assert error.fault is fault
    assert words in str(error)


def two(first: O, middle: T, second: O, out: T, *constants: T) -> M:
    """Return input 0 -> first -> tensor 1 -> second -> tensor 2, with constants from 3."""
    return M((live(4), middle, out, *constants), (first, second), (0,), (2,))


INT8_ADD = one(Op.ADD, [quantized(4), quantized(4)], quantized(4))
INT8_DENSE = one(
    Op.FULLY_CONNECTED,
    [quantized(3), T((2, 3), INT8, [1] * 6, (0.1, 0.2)), T((2,), INT32, [0, 0])],
    quantized(2),
)
PER_CHANNEL_ADD = INT8_ADD.tensor(2, shape=(1, 4), scales=(1, 1, 1, 1), axis=1, signature=(1, 4))
MEANING = {
    "no scale behind": (
        two(O(Op.NEG, (0,), (1,)), live(4), O(Op.QUANTIZE, (1,), (2,)), live(4, dtype=INT8)),
        NUMBERS,
        "0 scales",
    ),
    "no scale between": (
        two(O(Op.QUANTIZE, (0,), (1,)), live(4, dtype=INT8), O(Op.DEQUANTIZE, (1,), (2,)), live(4)),
        NUMBERS,
        "has no scale",
    ),
    "scales per channel": (PER_CHANNEL_ADD, NUMBERS, "4 scales"),
    "weights' zero point": (
        INT8_DENSE.tensor(1, scales=(0.1,), zeros=(3,)),
        NUMBERS,
        "zero point is 0",
    ),
    "weights' scale axis": (
        INT8_DENSE.tensor(1, scales=(0.1,) * 3, axis=1),
        NUMBERS,
        "along dimension 0",
    ),
    "weights without a scale": (INT8_DENSE.tensor(1, scales=()), NUMBERS, "no scale"),
    "float bias": (INT8_DENSE.tensor(2, dtype=FLOAT32), GRAPH, "bias of INT32"),
    "mixed types": (INT8_ADD.tensor(1, dtype=FLOAT32, scales=()), GRAPH, "mixes INT8"),
    "scale moved": (
        one(Op.TRANSPOSE, [quantized(2, 2), ints(0, 2, 1)], quantized(2, 2, scale=0.2)),
        NUMBERS,
        "another scale",
    ),
    "wrong element type": (one(Op.DEQUANTIZE, [live(4)], live(4)), GRAPH, "does not work on FLOAT32"),
    "computed weights": (
        M((live(2), live(2), live(1)), (O(Op.FULLY_CONNECTED, (0, 1), (2,), union=8),), (0, 1), (2,)),
        GRAPH,
        "constant weights",
    ),
    "computed bias": (
        M(
            (live(2), T((1, 2), data=[1, 1]), live(), live(1)),
            (O(Op.FULLY_CONNECTED, (0, 1, 2), (3,), union=8),),
            (0, 2),
            (3,),
        ),
        GRAPH,
        "constant bias",
    ),
    "computed shape": (
        M((live(2), live(2), live(2)), (O(Op.RESHAPE, (0, 1), (2,)),), (0, 1), (2,)),
        GRAPH,
        "constant of whole numbers",
    ),
    "output from nothing": (
        M((live(1), T((1,), data=[1]), T((1,))), (O(Op.NEG, (1,), (2,)),), (0,), (2,)),
        GRAPH,
        "does not depend on its inputs",
    ),
    "batch swallowed": (
        one(Op.MEAN, [live(4), ints(0)], T((4,)), union=27),
        GRAPH,
        "for a batch of",
    ),
    "batch of one hidden": (
        one(Op.RESHAPE, [live(4), ints(1, 4)], live(4)),
        GRAPH,
        "cannot make (1, 4) of 8 numbers",
    ),
}


@pytest.mark.parametrize(("model", "fault", "words"), MEANING.values(), ids=MEANING)
def test_meaning(model: M, fault: ModelFault, words: str) -> None:
    """Refuse numbers whose scale, type or origin makes no sense."""
    error = refusal(model.bytes())
    assert error.fault is fault
    assert words in str(error)


WIDE = T((65536, 16), INT8, b"\1" * (1 << 20), (0.5,))
BOMBS = {
    "fill": M(
        (live(1), ints(4000, 4000), T((), data=[1.0]), T((4000, 4000))),
        (O(Op.FILL, (1, 2), (3,)),),
        (0,),
        (3,),
    ),
    "tile": one(Op.TILE, [live(60000, 2), ints(1, 1, 300)], live(60000, 2)),
    "chain of tiles": M(
        (live(50000, 1), ints(1, 1, 64), *[live(50000, 1)] * 3),
        tuple(O(Op.TILE, (0, 1), (index,)) for index in (2, 3, 4)),
        (0,),
        (2,),
    ),
    "multiplications": CONV.tensor(0, shape=(1, 600, 600, 2), signature=None)
    .tensor(1, shape=(100, 7, 7, 2), data=np.ones(9800))
    .tensor(2, shape=(100,), data=[0] * 100),
    "input": DENSE.tensor(0, shape=(1, 65536, 1024), signature=None),
    "dequantised weights": M(
        (live(16), *[WIDE] * 9, *[live(65536)] * 9),
        tuple(O(Op.FULLY_CONNECTED, (0, 1 + index), (10 + index,)) for index in range(9)),
        (0,),
        (10,),
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_budget(name: str) -> None:
    """Refuse a small file that would take much memory or time, before either is taken."""
    model = BOMBS[name]
    error = refusal(model.bytes())
    assert error.fault in {BUDGET, OVERSIZED}
    assert "memory" in str(error) or "costs more" in str(error) or "at most" in str(error)
