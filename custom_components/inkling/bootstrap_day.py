"""One past day of the home: read from the recorder entity by entity, and judged in a worker as it would have been."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeassistant.core import HomeAssistant
import numpy as np
from numpy.typing import NDArray

from .clock import utc_offset_seconds
from .const import BOOTSTRAP_STEP_SECONDS, HISTORY_SECONDS
from .core.decide import Decider, DecisionParameters
from .core.pipeline import Model, replay
from .core.slots import SLOT_SECONDS
from .core.units import ACTIVITY_ROLES, Role
from .core.window import Track
from .history import Slice, async_read_slices
from .ingest import unit_of
from .rooms import Binding

DAY_SECONDS = 86_400.0
# A decision rests on the hour before it.
_LEAD_SECONDS = 3_600.0
_SLOT_STEPS = int(SLOT_SECONDS / BOOTSTRAP_STEP_SECONDS)


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """A room's day: probabilities at every step with a lead before them, and shares of its slots."""

    probabilities: NDArray[np.float64]
    """NaN where nothing could be read, shape (steps,)."""
    shares: NDArray[np.float32]
    """Occupied share of each slot, NaN unknown, shape (slots,)."""


def ends_of(start: float, end: float) -> NDArray[np.float64]:
    """Return the instants a stretch of slots is judged at, the lead before them included; epoch seconds."""
    starts = np.arange(start - _LEAD_SECONDS, end, BOOTSTRAP_STEP_SECONDS, dtype=np.float64)
    return np.asarray(starts + BOOTSTRAP_STEP_SECONDS / 2.0, np.float64)


async def async_tracks(
    hass: HomeAssistant, bindings: Sequence[Binding], start: float, end: float
) -> list[Track] | None:
    """Return what some bindings read from a day before `start` to `end`, None when the recorder cannot be read."""
    wanted: dict[str, set[Role]] = {}
    for binding in bindings:
        wanted.setdefault(binding.entity_id, set()).add(binding.signal.role)
    found = []
    for entity_id, roles in wanted.items():
        piece = Slice(entity_id, frozenset(roles), start - HISTORY_SECONDS, end, unit_of(hass, entity_id))
        # One entity at a time: a fast meter's day as samples is far larger than as numbers.
        if entity_id not in (samples := await async_read_slices(hass, [piece])):
            return None
        for binding in bindings:
            if binding.entity_id == entity_id:
                read = samples[entity_id][binding.signal.role]
                times = np.array([sample.t for sample in read], np.float64)
                found.append(Track(binding.signal, times, np.array([sample.value for sample in read], np.float32)))
    return found


def is_shared(binding: Binding) -> bool:
    """Return whether other rooms look at a binding too: people, exit doors and activity anywhere."""
    return binding.signal.room is None or binding.signal.role in ACTIVITY_ROLES


def judge_day(
    model: Model, parameters: DecisionParameters, tracks: Sequence[Track], room: str, ends: NDArray[np.float64]
) -> JudgedDay:
    """Replay a room's day; runs in a worker and touches nothing but its arguments."""
    offsets = np.array([utc_offset_seconds(end) for end in ends.tolist()])
    probabilities = replay(model, tracks, room, ends, offsets)
    return JudgedDay(probabilities, shares_of(parameters, ends, probabilities))


def shares_of(
    parameters: DecisionParameters, ends: NDArray[np.float64], probabilities: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the occupied share of each slot after the lead, by the decisions that probabilities lead to."""
    decider = Decider(parameters)
    pairs = zip(ends.tolist(), probabilities.tolist(), strict=True)
    states = [decider.step(None if np.isnan(value) else value, end).occupied for end, value in pairs]
    lead = round(_LEAD_SECONDS / BOOTSTRAP_STEP_SECONDS)
    values = np.array([np.nan if state is None else float(state) for state in states[lead:]], np.float32)
    # A slot of which a part is unknown is unknown: what was really seen is worth waiting for.
    return np.asarray(values.reshape(-1, _SLOT_STEPS).mean(axis=1), np.float32)


def has_readings(tracks: Sequence[Track], room: str) -> bool:
    """Return whether anything of a room itself was read."""
    return any(track.signal.room == room and len(track.times) for track in tracks)
