"""What was learned of appliances, on the disk: versioned, checked, one appliance's damage never another's."""

from collections.abc import Mapping
from datetime import date
import json
import logging
import math
from typing import Any
import zlib

from .appliance_config import ApplianceConfig
from .appliance_days import OpenDay, Watched, day_of, watched
from .fault_file import FaultFile

_LOGGER = logging.getLogger(__name__)
_VERSION = 1


def read_appliances(file: FaultFile, configs: Mapping[str, ApplianceConfig], now: float) -> dict[str, Watched]:
    """Return every appliance with what was learned of it; ValueError for a file that is damaged; blocks."""
    data = file.read()
    kept = {} if data is None else _parsed(data)
    found = {}
    for signal, config in configs.items():
        found[signal] = watched(config, now)
        if (item := kept.get(signal)) is None:
            continue
        try:
            found[signal] = _restored(config, item)
        except (ValueError, KeyError, TypeError) as err:
            _LOGGER.warning("%s is learned anew: %s", config.title, err)
            found[signal] = watched(config, now)
    return found


def write_appliances(file: FaultFile, appliances: Mapping[str, Watched]) -> None:
    """Write everything; blocks."""
    units = {signal: _fields(item) for signal, item in appliances.items()}
    body = json.dumps({"version": _VERSION, "units": units}, separators=(",", ":")).encode()
    file.write(b"%08x\n" % zlib.crc32(body) + body)


def _parsed(data: bytes) -> dict[str, Any]:
    """Return the fields of each appliance; ValueError for bytes that are not ours."""
    head, _, body = data.partition(b"\n")
    if head != b"%08x" % zlib.crc32(body):
        raise ValueError("the file is damaged")
    kept = json.loads(body)
    if kept["version"] != _VERSION:
        raise ValueError(f"the file is of version {kept['version']}, this Inkling reads {_VERSION}")
    units: dict[str, Any] = kept["units"]
    return units


def _fields(item: Watched) -> dict[str, Any]:
    """Return what is written of one appliance."""
    day = item.open
    return {
        "past": item.unit.dump().decode(),
        "heard": None if math.isnan(item.heard) else item.heard,
        "day": day.day.isoformat(),
        "outdoor": [day.outdoor_sum, day.outdoor_count],
        "is_usual": day.is_usual,
        "is_away": day.is_away,
    }


def _restored(config: ApplianceConfig, kept: Mapping[str, Any]) -> Watched:
    """Return one appliance as it was; ValueError, KeyError or TypeError for what cannot be."""
    unit = config.make()
    unit.load(kept["past"].encode())
    total, count = kept["outdoor"]
    day = OpenDay(
        date.fromisoformat(kept["day"]), float(total), int(count), bool(kept["is_usual"]), bool(kept["is_away"])
    )
    heard = kept["heard"]
    return Watched(config, unit, day, math.nan if heard is None else float(heard))


def is_current(item: Watched, now: float) -> bool:
    """Return whether the day that is under way is today, or was: a clock set back by days begins anew."""
    return item.open.day <= day_of(now)
