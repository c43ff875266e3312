"""Data sets as traces: one module each, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..trace import Trace
from . import casas, uci_occupancy, uci_room_occupancy


@dataclass(frozen=True, slots=True)
class Source:
    """How to read a data set, what may be done with it, and where it comes from."""

    read: Callable[[Path], dict[str, Trace]]
    folder: str
    address: str
    credit: str
    licence: str
    may_train: bool


SOURCES: Mapping[str, Source] = {
    "uci-occupancy": Source(
        uci_occupancy.read,
        "uci_occupancy",
        uci_occupancy.ADDRESS,
        uci_occupancy.CREDIT,
        uci_occupancy.LICENCE,
        may_train=True,
    ),
    "uci-room-occupancy": Source(
        uci_room_occupancy.read,
        "uci_room_occupancy",
        uci_room_occupancy.ADDRESS,
        uci_room_occupancy.CREDIT,
        uci_room_occupancy.LICENCE,
        may_train=True,
    ),
    "casas": Source(casas.read, "casas_al_home", casas.ADDRESS, casas.CREDIT, casas.LICENCE, may_train=False),
}


def read_source(name: str, data: Path) -> dict[str, Trace]:
    """Return the traces of a data set that lies in a folder of `data`, by trace name."""
    source = SOURCES[name]
    folder = data / source.folder
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not there: get the data from {source.address} and unpack it into it")
    return source.read(folder)
