"""What the model says about a room's last day, before the room exists."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
import logging
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import numpy as np
from numpy.typing import NDArray

from .chart import as_markdown_image, day_chart
from .clock import utc_offset_seconds
from .const import DETAIL_SECONDS, HISTORY_SECONDS
from .core.decide import Decider, DecisionParameters
from .core.pipeline import Model, replay
from .core.sample import Sample
from .core.units import ACTIVITY_ROLES, Role
from .core.window import Track
from .history import async_flush, async_read_slices, has_recorder, slices_by_entity
from .ingest import unit_of
from .rooms import Binding, RoleEntities, bind, decision_parameters, home_roles, rooms_of

if TYPE_CHECKING:
    from .data import InklingConfigEntry

_LOGGER = logging.getLogger(__name__)
_STEP_SECONDS = 300.0
# The name of a room that has none yet; no subentry id looks like it.
_NEW_ROOM = "new"


class PreviewProblem(StrEnum):
    """Why there is no chart."""

    NO_RECORDER = "no_recorder"
    NO_HISTORY = "no_history"
    NO_MODEL = "no_model"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A day judged every five minutes; times in epoch seconds."""

    times: Sequence[float] = ()
    probabilities: Sequence[float] = ()
    occupied: Sequence[bool | None] = ()
    history_hours: float = 0.0
    problem: PreviewProblem | None = None


async def async_preview(
    hass: HomeAssistant, entry: InklingConfigEntry, room_id: str | None, roles: RoleEntities
) -> Preview:
    """Return the last day of a room with these roles; `room_id` names the room they would replace."""
    model = entry.runtime_data.found.model
    if model is None:
        return Preview(problem=PreviewProblem.NO_MODEL)
    if not has_recorder(hass):
        return Preview(problem=PreviewProblem.NO_RECORDER)
    room = room_id or _NEW_ROOM
    bindings = _bindings(entry, room, roles)
    wanted: defaultdict[str, set[Role]] = defaultdict(set)
    for binding in bindings:
        wanted[binding.entity_id].add(binding.signal.role)
    now = dt_util.utcnow().timestamp()
    by_entity = {entity_id: frozenset(found) for entity_id, found in wanted.items()}
    units = {entity_id: unit_of(hass, entity_id) for entity_id in wanted}
    spans = dict.fromkeys(Role, HISTORY_SECONDS + DETAIL_SECONDS)
    await async_flush(hass)
    samples = await async_read_slices(hass, slices_by_entity(by_entity, units, now, spans))
    parameters = decision_parameters(entry, model.manifest.decision)
    try:
        return await hass.async_add_executor_job(_judge, model, parameters, bindings, samples, room, now)
    except Exception:
        # A chart is a courtesy: the room can be added without it.
        _LOGGER.exception("The last day cannot be judged")
        return Preview(problem=PreviewProblem.FAILED)


def _bindings(entry: InklingConfigEntry, room: str, roles: RoleEntities) -> list[Binding]:
    """Return the room's bindings, the home's, and those by which other rooms tell of movement."""
    bindings = [*bind(room, roles), *bind(None, home_roles(entry))]
    for other in rooms_of(entry).values():
        if other.id != room:
            active = {role: found for role, found in other.roles.items() if role in ACTIVITY_ROLES}
            bindings += bind(other.id, active)
    return bindings


def _judge(
    model: Model,
    parameters: DecisionParameters,
    bindings: Sequence[Binding],
    samples: Mapping[str, Mapping[Role, list[Sample]]],
    room: str,
    now: float,
) -> Preview:
    """Replay a day; runs in a worker and touches nothing but its arguments."""
    tracks = [_track(binding, samples.get(binding.entity_id, {}).get(binding.signal.role, [])) for binding in bindings]
    own = [track.times[0] for track in tracks if track.signal.room == room and len(track.times)]
    if not own:
        return Preview(problem=PreviewProblem.NO_HISTORY)
    ends = now - np.arange(HISTORY_SECONDS, -1.0, -_STEP_SECONDS, dtype=np.float64)
    offsets = np.array([utc_offset_seconds(end) for end in ends.tolist()])
    probabilities = replay(model, tracks, room, ends, offsets)
    return Preview(
        times=ends.tolist(),
        probabilities=probabilities.tolist(),
        occupied=_decisions(parameters, ends, probabilities),
        history_hours=min(HISTORY_SECONDS, now - min(own)) / 3600.0,
    )


def _track(binding: Binding, samples: Sequence[Sample]) -> Track:
    """Return samples as a track."""
    times = np.array([sample.t for sample in samples], dtype=np.float64)
    return Track(binding.signal, times, np.array([sample.value for sample in samples], dtype=np.float32))


def _decisions(
    parameters: DecisionParameters, ends: NDArray[np.float64], probabilities: NDArray[np.float64]
) -> list[bool | None]:
    """Return the decision at every end, None while unknown."""
    decider = Decider(parameters)
    pairs = zip(ends.tolist(), probabilities.tolist(), strict=True)
    return [decider.step(None if np.isnan(value) else value, end).occupied for end, value in pairs]


def chart_placeholders(preview: Preview | None, phrases: Mapping[str, str]) -> dict[str, str]:
    """Return the step's picture and the sentence under it."""
    if preview is None or preview.problem is not None:
        problem = PreviewProblem.FAILED if preview is None or preview.problem is None else preview.problem
        return {"chart": "", "summary": phrases[f"preview_{problem}"]}
    times = [dt_util.as_local(dt_util.utc_from_timestamp(t)) for t in preview.times]
    known = [state for state in preview.occupied if state is not None]
    share = round(100 * sum(known) / len(known)) if known else 0
    summary = phrases["preview_summary"].replace("{hours}", f"{preview.history_hours:.0f}")
    svg = day_chart(times, preview.probabilities, preview.occupied)
    return {
        "chart": as_markdown_image(svg, phrases["preview_chart"]),
        "summary": summary.replace("{share}", str(share)),
    }
