"""Damaged files: random bytes and wrecked structure never crash, hang or grow; they are refused, or they run."""

from collections.abc import Iterator
from pathlib import Path
import resource
import struct
import time

import numpy as np
import pytest

from custom_components.inkling.core.backends import ModelRefusedError, load
from custom_components.inkling.core.backends.flatbuffer import Table, root

GOLDEN = Path(__file__).parents[2] / "golden"
VICTIMS = ("tcn_float32", "dense_int8", "separable_int8", "autoencoder_transposed_float32", "attention_int8")
RANDOM_MUTANTS, STRUCTURE_MUTANTS = 160, 260
MAX_SECONDS, MAX_GROWTH_KIB = 5.0, 200 * 1024
WORDS = (0, 1, 2, 3, 7, 127, 128, 255, 256, 2047, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def _vtables(table: Table, found: set[int], depth: int = 0) -> None:
    """Collect where the structure of a model lies: vtables, offsets, small numbers."""
    found.update(range(table.vtable, table.vtable + table.vtable_size, 2))
    found.update(range(table.position, table.position + table.size, 2))
    if depth > 3:
        return
    for slot in range((table.vtable_size - 4) // 2):
        for reader in (lambda s: [table.table(s)], lambda s: table.tables(s, 4096, "entries")):
            try:
                children = reader(slot)
            except ModelRefusedError:
                continue
            for child in children:
                if child is not None and child.position not in found:
                    _vtables(child, found, depth + 1)


def _random(data: bytes, generator: np.random.Generator) -> bytes:
    """Return the file with some bytes replaced anywhere, or cut short."""
    damaged = bytearray(data)
    for place in generator.integers(0, len(data), generator.integers(1, 24)):
        damaged[place] = int(generator.integers(256))
    return bytes(damaged[: int(generator.integers(8, len(data)))] if generator.random() < 0.1 else damaged)


def _structural(data: bytes, places: list[int], generator: np.random.Generator) -> bytes:
    """Return the file with one to three words of its structure replaced by numbers that hurt."""
    damaged = bytearray(data)
    for _ in range(int(generator.integers(1, 4))):
        place = places[int(generator.integers(len(places)))]
        kind = "<I" if generator.random() < 0.5 else "<H"
        value = WORDS[int(generator.integers(len(WORDS)))]
        if generator.random() < 0.4:
            value = struct.unpack_from(kind, data, place)[0] + int(generator.integers(-4, 5))
        struct.pack_into(kind, damaged, place, value & (0xFFFFFFFF if kind == "<I" else 0xFFFF))
    return bytes(damaged)


def _mutants(name: str) -> Iterator[bytes]:
    """Yield the damaged versions of one model."""
    data = (GOLDEN / f"{name}.tflite").read_bytes()
    generator = np.random.default_rng(len(data))
    found: set[int] = set()
    _vtables(root(data), found)
    places = sorted(place for place in found if place + 4 <= len(data))
    yield from (_random(data, generator) for _ in range(RANDOM_MUTANTS))
    yield from (_structural(data, places, generator) for _ in range(STRUCTURE_MUTANTS))


def _survives(data: bytes) -> bool:
    """Load a file and run it; tell whether it was accepted. Only a refusal may be raised."""
    try:
        backend = load(data)
        backend.run(*(np.ones((3, *shape), np.float32) for shape in backend.input_shapes))
    except ModelRefusedError:
        return False
    return True


@pytest.mark.parametrize("name", VICTIMS)
def test_mutants(name: str) -> None:
    """Put 420 damaged versions of a model through the loader (2,100 in all)."""
    accepted, slowest = 0, 0.0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for data in _mutants(name):
        start = time.perf_counter()
        accepted += _survives(data)
        slowest = max(slowest, time.perf_counter() - start)
    assert slowest < MAX_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MAX_GROWTH_KIB
    # A loader that refuses everything would pass the rest; damage to weights alone must get through.
    assert 0 < accepted < RANDOM_MUTANTS + STRUCTURE_MUTANTS
