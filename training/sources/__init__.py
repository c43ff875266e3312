"""Data sets as traces: one module each, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..trace import Trace
from . import appliance_faults, aruba, casas, graz, nab, suthaharan, uci_occupancy, uci_room_occupancy
from .download import Download, fetch


@dataclass(frozen=True, slots=True)
class Source:
    """How to read a data set, what may be done with it, and where it comes from."""

    read: Callable[[Path], dict[str, Trace]]
    folder: str
    address: str
    credit: str
    licence: str
    may_train: bool
    files: tuple[str, ...] = ()
    """Names that tell the data set's files in a folder that holds several sets."""
    downloads: tuple[Download, ...] = ()
    """Where anyone may fetch the files; empty for a set that each must get for themselves."""


def _shared(
    read: Callable[[Path], dict[str, Trace]],
    folder: str,
    about: tuple[str, str, str],
    downloads: Iterable[Download],
) -> Source:
    """Return a source whose licence lets us pass on what was learned; `about` is address, credit, licence."""
    fetched = tuple(downloads)
    files = tuple(item.name for item in fetched)
    return Source(read, folder, *about, may_train=True, files=files, downloads=fetched)


def _private(
    read: Callable[[Path], dict[str, Trace]], folder: str, files: tuple[str, ...], about: tuple[str, str, str]
) -> Source:
    """Return a source that may only be scored on; `about` is address, credit, licence."""
    return Source(read, folder, *about, may_train=False, files=files)


SOURCES: Mapping[str, Source] = {
    "uci-occupancy": _shared(
        uci_occupancy.read,
        "uci_occupancy",
        (uci_occupancy.ADDRESS, uci_occupancy.CREDIT, uci_occupancy.LICENCE),
        uci_occupancy.DOWNLOADS,
    ),
    "uci-room-occupancy": _shared(
        uci_room_occupancy.read,
        "uci_room_occupancy",
        (uci_room_occupancy.ADDRESS, uci_room_occupancy.CREDIT, uci_room_occupancy.LICENCE),
        uci_room_occupancy.DOWNLOADS,
    ),
    "suthaharan": _shared(
        suthaharan.read,
        "suthaharan_wsn",
        (suthaharan.ADDRESS, suthaharan.CREDIT, suthaharan.LICENCE),
        suthaharan.DOWNLOADS,
    ),
    "nab": _shared(nab.read, "nab", (nab.ADDRESS, nab.CREDIT, nab.LICENCE), nab.DOWNLOADS),
    "appliance-faults": _shared(
        appliance_faults.read,
        "appliance_faults",
        (appliance_faults.ADDRESS, appliance_faults.CREDIT, appliance_faults.LICENCE),
        appliance_faults.DOWNLOADS,
    ),
    "casas": _private(casas.read, "casas_al_home", ("data.txt",), (casas.ADDRESS, casas.CREDIT, casas.LICENCE)),
    "graz": _private(graz.read, "graz_room", (graz.FILE,), (graz.ADDRESS, graz.CREDIT, graz.LICENCE)),
    "aruba": _private(aruba.read, "casas_aruba_activities", aruba.FILES, (aruba.ADDRESS, aruba.CREDIT, aruba.LICENCE)),
}


def folder_of(name: str, data: Path) -> Path:
    """Return where a data set lies or would lie: in its folder of `data`, or in `data` itself among other sets."""
    source = SOURCES[name]
    folder = data / source.folder
    flat = not folder.is_dir() and any((data / file).is_file() for file in source.files)
    return data if flat else folder


def obtain(name: str, data: Path) -> Path:
    """Return the folder of a data set, after fetching into it what anyone may fetch and is not there yet."""
    source, folder = SOURCES[name], folder_of(name, data)
    if any(not item.is_in(folder) for item in source.downloads):
        fetch(source.downloads, folder)
    return folder


def read_source(name: str, data: Path) -> dict[str, Trace]:
    """Return the traces of a data set that lies in `data`, by trace name; nothing is fetched."""
    source, folder = SOURCES[name], folder_of(name, data)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not there: get the data from {source.address} and unpack it into it")
    return source.read(folder)
