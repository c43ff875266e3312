"""What must outlive a restart: each room's decision and last probability."""

from collections.abc import Iterable
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN, RESTORE_LIMIT_SECONDS, SAVE_DELAY_SECONDS
from .core.verdict import Decision, Score, Verdict

_MAJOR = 1
_MINOR = 1


class _VersionedStore(Store[dict[str, Any]]):
    """The file, with what older and newer versions of it need."""

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the data of another version; a later one's is begun anew, since it only saves seconds at a start."""
        return old_data if old_major_version == _MAJOR else {"rooms": {}}


class DecisionStore:
    """Reads once, then writes late and seldom."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file after the entry."""
        self._store = _VersionedStore(
            hass, _MAJOR, f"{DOMAIN}.{entry_id}", minor_version=_MINOR, max_readable_version=_MAJOR + 98
        )
        self._rooms: dict[str, dict[str, Any]] = {}

    async def async_load(self, rooms: Iterable[str]) -> None:
        """Read what was kept, for the rooms that still exist: the file cannot grow beyond them."""
        kept = (await self._store.async_load() or {}).get("rooms", {})
        self._rooms = {room: kept[room] for room in rooms if room in kept}

    def restored(self, room: str, now: float) -> Verdict | None:
        """Return a room's last verdict, None when there is none or it is too old at `now` (epoch seconds)."""
        kept = self._rooms.get(room)
        if kept is None or not 0.0 <= now - kept["end"] <= RESTORE_LIMIT_SECONDS:
            return None
        score = Score(
            room=room, end=kept["end"], probability=kept["probability"], coverage=kept["coverage"], history=0.0
        )
        decision = Decision(kept["occupied"], kept["since"])
        return Verdict(score=score, decision=decision, contributions=(), model=None, backend=None)

    @callback
    def keep(self, verdict: Verdict | None) -> None:
        """Remember a verdict that says something, and write it within half a minute."""
        if verdict is None or verdict.decision.occupied is None:
            return
        self._rooms[verdict.score.room] = {
            "end": verdict.score.end,
            "probability": verdict.score.probability,
            "coverage": verdict.score.coverage,
            "occupied": verdict.decision.occupied,
            "since": verdict.decision.since,
        }
        self._store.async_delay_save(self._data, SAVE_DELAY_SECONDS)

    @callback
    def _data(self) -> dict[str, Any]:
        """Return what is written."""
        return {"rooms": self._rooms}

    async def async_close(self) -> None:
        """Write at once what is still waiting."""
        if self._rooms:
            await self._store.async_save(self._data())

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()
