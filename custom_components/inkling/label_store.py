"""The file of what users said: labels, words that still stand, and how each labelled room's answers are spread."""

from collections.abc import Iterable, Mapping
import logging
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store, UnsupportedStorageVersionError

from .const import DOMAIN, SAVE_DELAY_SECONDS
from .core.hold import Hold, hold_from_json
from .core.labels import Label, bounded, label_from_json, label_to_json
from .core.trail import Spread

_LOGGER = logging.getLogger(__name__)
_MAJOR, _MINOR = 1, 1
_COUNT_LIMIT = 1e6


class LabelStore:
    """Reads once, then writes late and seldom; what a later version wrote stays as it is."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file after the entry."""
        self._hass = hass
        # Two thousand labels are a megabyte, which the loop has no time to write out.
        self._store = Store[dict[str, Any]](
            hass, _MAJOR, f"{DOMAIN}.{entry_id}.labels", minor_version=_MINOR, serialize_in_event_loop=False
        )
        self.is_kept = True
        self._has_news = False
        self.labels: tuple[Label, ...] = ()
        """In order of coming."""
        self.holds: dict[str, Hold] = {}
        self.spreads: dict[str, tuple[str, Spread]] = {}
        """By monitor: which model's answers, and how they are spread."""

    async def async_load(self, monitors: Iterable[str]) -> None:
        """Read what was kept; what cannot be true, and what is about rooms that are gone, is left out."""
        try:
            kept = await self._store.async_load() or {}
        except UnsupportedStorageVersionError:
            self.is_kept = False
            _LOGGER.warning("Labels were written by a later Inkling: they stay as they are, new ones are not kept")
            return
        rooms = frozenset(monitors)
        found = [label_from_json(item) for item in _list(kept.get("labels"))]
        self.labels = bounded(
            [label for label in found if label is not None and (label.occupied is None or label.target in rooms)]
        )
        self.holds = {
            monitor: hold
            for monitor, data in _dict(kept.get("holds")).items()
            if (hold := hold_from_json(data)) is not None
        }
        self.spreads = {
            monitor: spread
            for monitor, data in _dict(kept.get("spreads")).items()
            if (spread := _spread(data)) is not None
        }

    @callback
    def save(self) -> None:
        """Write within half a minute."""
        if self.is_kept:
            self._has_news = True
            self._store.async_delay_save(self._data, SAVE_DELAY_SECONDS)

    def _data(self) -> dict[str, Any]:
        """Return what is written; runs in a worker, so it walks only what nobody changes meanwhile."""
        return {
            "labels": [label_to_json(label) for label in self.labels],
            "holds": {monitor: hold.to_json() for monitor, hold in list(self.holds.items())},
            "spreads": {
                monitor: {"model": model, "counts": [round(count, 2) for count in spread.counts]}
                for monitor, (model, spread) in list(self.spreads.items())
            },
        }

    async def async_close(self) -> None:
        """Write at once what is new."""
        if self._has_news:
            self._has_news = False
            await self._store.async_save(await self._hass.async_add_executor_job(self._data))

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()


def _list(kept: object) -> list[Any]:
    """Return a stored list, empty where there is none."""
    return kept if isinstance(kept, list) else []


def _dict(kept: object) -> Mapping[str, Any]:
    """Return a stored mapping, empty where there is none."""
    return kept if isinstance(kept, dict) else {}


def _spread(data: object) -> tuple[str, Spread] | None:
    """Return how a model's answers were spread, None where a file cannot have meant that."""
    model, counts = _dict(data).get("model"), _list(_dict(data).get("counts"))
    if not isinstance(model, str) or not all(isinstance(item, int | float) for item in counts):
        return None
    return (model, Spread([float(item) for item in counts])) if _are_counts(counts) else None


def _are_counts(counts: list[float]) -> bool:
    """Return whether numbers can be counts of moments."""
    return all(0.0 <= count <= _COUNT_LIMIT for count in counts)
