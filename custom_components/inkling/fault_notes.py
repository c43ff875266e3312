"""What users said about faults, kept over restarts: the home's mode, snoozes, and counts of feedback."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN, SAVE_DELAY_SECONDS

_VERSION = 1


class Mode(StrEnum):
    """What is usual in the home now."""

    NORMAL = "normal"
    VACATION = "vacation"
    GUEST = "guest"
    MAINTENANCE = "maintenance"


class FaultNotes:
    """Reads once, then writes late and seldom; times in epoch seconds."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file after the entry."""
        self._store = Store[dict[str, Any]](hass, _VERSION, f"{DOMAIN}.{entry_id}.faults", max_readable_version=99)
        self.mode = Mode.NORMAL
        self.snoozed: dict[str, float] = {}
        """When the snooze of each signal ends."""
        self.false_alarms: dict[str, int] = {}
        """How often a user called an alarm of each signal false."""
        self.taught: frozenset[str] = frozenset()
        """Signals whose past was looked for, so that it is not searched again at every start."""
        self.heads: dict[str, tuple[float, float]] = {}
        """When each entity was last heard of before the newest save, and what it said."""
        self.saved_at = 0.0

    async def async_load(self) -> None:
        """Read what was kept; what cannot be true is left out."""
        kept = await self._store.async_load() or {}
        if kept.get("mode") in set(Mode):
            self.mode = Mode(kept["mode"])
        self.snoozed = _numbers(kept.get("snoozed"))
        self.false_alarms = {name: int(count) for name, count in _numbers(kept.get("false_alarms")).items()}
        taught = kept.get("taught")
        self.taught = frozenset(map(str, taught)) if isinstance(taught, list) else frozenset()
        times, values = _numbers(kept.get("heard")), _numbers(kept.get("values"))
        self.heads = {name: (times[name], values[name]) for name in times if name in values}
        self.saved_at = _numbers({"at": kept.get("saved_at")}).get("at", 0.0)

    @callback
    def set_mode(self, mode: Mode) -> None:
        """Remember the mode."""
        self.mode = mode
        self._save()

    @callback
    def snooze(self, signals: Iterable[str], until: float) -> None:
        """Remember that some signals are left alone until then."""
        self.snoozed |= dict.fromkeys(signals, until)
        self._save()

    @callback
    def wake(self, now: float) -> None:
        """Forget the snoozes that are over."""
        if over := [name for name, until in self.snoozed.items() if until <= now]:
            for name in over:
                del self.snoozed[name]
            self._save()

    @callback
    def count_false_alarm(self, signal: str) -> None:
        """Count one false alarm of a signal."""
        self.false_alarms[signal] = self.false_alarms.get(signal, 0) + 1
        self._save()

    @callback
    def teach(self, signals: Iterable[str]) -> None:
        """Remember that the past of some signals was looked for."""
        self.taught |= frozenset(signals)
        self._save()

    @callback
    def keep_heads(self, heads: Mapping[str, tuple[float, float]], now: float) -> None:
        """Remember when entities were last heard of."""
        self.heads, self.saved_at = dict(heads), now
        self._save()

    @callback
    def _save(self) -> None:
        """Write within half a minute."""
        self._store.async_delay_save(self._data, SAVE_DELAY_SECONDS)

    @callback
    def _data(self) -> dict[str, Any]:
        """Return what is written."""
        return {
            "mode": str(self.mode),
            "snoozed": self.snoozed,
            "false_alarms": self.false_alarms,
            "taught": sorted(self.taught),
            "heard": {name: t for name, (t, _) in self.heads.items()},
            "values": {name: value for name, (_, value) in self.heads.items()},
            "saved_at": self.saved_at,
        }

    async def async_close(self) -> None:
        """Write at once."""
        await self._store.async_save(self._data())

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()


def _numbers(kept: Any) -> dict[str, float]:  # noqa: ANN401 - whatever a file held
    """Return the numbers of a stored mapping by name."""
    if not isinstance(kept, dict):
        return {}
    return {
        str(name): float(value)
        for name, value in kept.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
