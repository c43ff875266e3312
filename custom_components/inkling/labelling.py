"""Labels while Home Assistant runs: taken over at once, learned from, listed, deleted."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .core.decide import DecisionParameters
from .core.feedback import Bounds, Marks, RoomFeedback, bounds, default_start, fit_shift, kinds, marks
from .core.hold import Hold
from .core.labels import LEAST_SECONDS, OCCUPIED, Label, place, thinned
from .core.pipeline import Model
from .core.trail import Spread
from .core.units import Role
from .ingest import Ingest
from .label_store import LabelStore
from .rooms import decision_parameters

if TYPE_CHECKING:
    from .coordinator import InklingCoordinator
    from .data import InklingConfigEntry

NOW_SECONDS = 60.0
"""A label that ends so lately is about now."""
RECENT_SECONDS = 1800.0
"""A change so long ago still tells when something became wrong."""
UNSURE_SECONDS = 300.0
"""What a label covers where nothing tells that."""
_REFIT = timedelta(hours=1)
_MOVEMENT = frozenset({Role.MOTION, Role.PRESENCE, Role.VIBRATION})
_HALF = 0.5


def _now() -> float:
    """Return the time in epoch seconds."""
    return dt_util.utcnow().timestamp()


@dataclass(frozen=True, slots=True)
class Added:
    """A label that was taken, and what it did."""

    label: Label
    replaced: int
    """How many older labels it cut, replaced or pushed out."""
    held_until: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What a room has learned of its labels."""

    shift: float
    limits: Bounds
    marks: Marks
    hold: Hold | None


class Labelling:
    """Lives on the event loop; takes labels once `start` has told it who judges."""

    _coordinator: InklingCoordinator

    def __init__(self, hass: HomeAssistant, entry: InklingConfigEntry, ingest: Ingest, store: LabelStore) -> None:
        """Prepare; rooms get what they need of it by `feedback_of`, before the coordinator is there."""
        self._hass = hass
        self._entry = entry
        self._ingest = ingest
        self._store = store
        self._feedback: dict[str, RoomFeedback] = {}
        self._parameters: DecisionParameters | None = None
        self._floor: float | None = None
        self._model = ""

    @property
    def labels(self) -> tuple[Label, ...]:
        """Return every label in order of coming."""
        return self._store.labels

    @property
    def are_kept(self) -> bool:
        """Return whether labels outlive a restart: not beside a file that a later version wrote."""
        return self._store.is_kept

    def labels_of(self, target: str) -> list[Label]:
        """Return a target's labels, what is about the newest time first."""
        found = [label for label in self._store.labels if label.target == target]
        return sorted(found, key=lambda label: label.end, reverse=True)

    def feedback_of(self, monitor: str) -> RoomFeedback:
        """Return what a room, or the home, asks about each of its scores; the same for the same one."""
        if (found := self._feedback.get(monitor)) is None:
            movement = self._movement(monitor)

            def moved_at() -> float | None:
                """Return when the newest movement began."""
                return self._newest(movement, only_on=True)

            def end() -> None:
                """Let go of a word that is over."""
                self._store.holds.pop(monitor, None)
                self._store.save()

            model, spread = self._store.spreads.get(monitor, ("", Spread()))
            found = self._feedback[monitor] = RoomFeedback(moved_at, end, spread)
            found.model, found.hold = model, self._store.holds.get(monitor)
        return found

    def _movement(self, monitor: str) -> tuple[str, ...]:
        """Return the signals that see movement in a room, or in any where it is the home."""
        is_home = monitor == self._entry.entry_id
        return tuple(
            item.signal.id
            for item in self._ingest.bindings
            if item.signal.role in _MOVEMENT and (is_home or item.signal.room == monitor)
        )

    def _newest(self, signals: Iterable[str], *, only_on: bool) -> float | None:
        """Return when signals last changed, or last began to be on; None where nothing is known of them."""
        found = (self._ingest.window.last_reading(signal) for signal in signals)
        return max((item[0] for item in found if item is not None and (item[1] > _HALF or not only_on)), default=None)

    @callback
    def start(self, coordinator: InklingCoordinator, model: Model | None) -> CALLBACK_TYPE:
        """Begin to learn; return what ends it."""
        self._coordinator = coordinator
        self.use(model)

        @callback
        def handle_hour(_: object) -> None:
            """Learn anew: a room's limits follow how it is used, and labels age."""
            self._entry.async_create_background_task(self._hass, self.async_learn(), "Inkling labels")

        return async_track_time_interval(
            self._hass, handle_hour, _REFIT, name="Inkling labels", cancel_on_shutdown=True
        )

    @callback
    def use(self, model: Model | None) -> None:
        """Learn for another model from now on: what was said of one tells nothing of another's log-odds."""
        self._model = "" if model is None else f"{model.manifest.name} {model.manifest.version}"
        self._floor = None if model is None else model.manifest.evidence.motion_log_odds
        self._parameters = None if model is None else decision_parameters(self._entry, model.manifest.decision)
        for monitor, feedback in self._feedback.items():
            if feedback.model != self._model:
                feedback.begin(self._model)
            self._learn(monitor)

    async def async_learn(self) -> None:
        """Learn anew, room by room, and remember how their answers are spread."""
        for monitor in {label.target for label in self._store.labels} & set(self._feedback):
            self._learn(monitor)
            await asyncio.sleep(0)
        if self._store.labels:
            self._store.save()

    def _learn(self, monitor: str) -> None:
        """Shift a room's log-odds by its labels; the home is told by its rooms and has none of its own."""
        labels, feedback = self.labels_of(monitor), self._feedback[monitor]
        self._store.spreads.pop(monitor, None)
        if labels:
            self._store.spreads[monitor] = (feedback.model, feedback.spread)
        limits = self._limits(monitor, labels)
        feedback.shift = 0.0
        if limits is not None and monitor != self._entry.entry_id:
            feedback.shift = fit_shift(labels, self._model, limits, _now(), feedback.spread)

    def _limits(self, monitor: str, labels: list[Label]) -> Bounds | None:
        """Return how far a room's shift may go, None without a model."""
        if self._parameters is None:
            return None
        both = kinds(labels, self._model) > 1
        return bounds(self._feedback[monitor].spread, self._parameters, self._floor, both_kinds=both)

    def learned(self, monitor: str) -> Learned | None:
        """Return what a room, or the home, has learned of its labels; None without a model."""
        labels = self.labels_of(monitor)
        if self._parameters is None or (limits := self._limits(monitor, labels)) is None:
            return None
        feedback = self._feedback[monitor]
        found = marks(labels, self._model, self._parameters)
        return Learned(shift=feedback.shift, limits=limits, marks=found, hold=feedback.hold)

    def hold_of(self, monitor: str) -> Hold | None:
        """Return the word that stands about a room or the home, None without one."""
        found = self._feedback.get(monitor)
        return None if found is None else found.hold

    @callback
    def add(self, target: str, label: str, start: float | None, end: float | None, began: float | None) -> Added:
        """Take a label over times in epoch seconds; without an end it is about now.

        Without a start it begins with what it contradicts: `began`, or for a room the last change.
        """
        now = _now()
        last = now if end is None else end
        if start is None and began is None:
            began = self._began(target, label, last)
        if start is None:
            start = min(began or last, last - LEAST_SECONDS)
        new = Label(id=ulid_now(), target=target, label=label, start=start, end=last, created=now)
        feedback = self._feedback.get(target)
        if feedback is not None and new.occupied is not None:
            points = thinned(feedback.trail.between(start, last))
            new = replace(new, points=points, model=feedback.model, shift_before=feedback.shift)
        placed = place(self._store.labels, new, ulid_now)
        self._store.labels = placed.labels
        until = None
        if feedback is not None:
            self._learn(target)
            until = self._say(target, new, now)
        self._store.save()
        return Added(new, placed.changed, until)

    def _began(self, target: str, label: str, end: float) -> float:
        """Return when what a label contradicts began, as far as anybody can know."""
        found = default_start(self._changes(target), end, within_seconds=RECENT_SECONDS, else_seconds=UNSURE_SECONDS)
        hold = self.hold_of(target)
        if hold is not None and hold.occupied is (label != OCCUPIED):
            # They were right when they spoke, and say now that it is no longer so.
            return max(found, hold.since, end - UNSURE_SECONDS)
        return found

    def _changes(self, target: str) -> tuple[float | None, ...]:
        """Return when a room's decision and its movement last changed."""
        if target not in self._feedback:
            return ()
        verdict = self._coordinator.data.get(target)
        since = None if verdict is None else verdict.decision.since
        return since, self._newest(self._movement(target), only_on=False)

    def _say(self, target: str, label: Label, now: float) -> float | None:
        """Be what a label says, where it is about now; return until when at the latest."""
        if label.occupied is None or now - label.end > NOW_SECONDS:
            self._again(target)
            return None
        feedback = self._feedback[target]
        newest = feedback.trail.newest
        odds = None if newest is None else newest[1]
        hold = Hold(label_id=label.id, occupied=label.occupied, since=now, reference=odds, lowest=odds)
        feedback.hold = self._store.holds[target] = hold
        self._coordinator.say(target, occupied=label.occupied)
        return hold.until

    def _again(self, target: str) -> None:
        """Judge a room again, since it has learned."""
        self._coordinator.mark_due([None if target == self._entry.entry_id else target])

    @callback
    def delete(self, label_id: str) -> bool:
        """Forget a label and what it taught; return whether there was one."""
        found = next((label for label in self._store.labels if label.id == label_id), None)
        if found is None:
            return False
        self._store.labels = tuple(label for label in self._store.labels if label is not found)
        if (feedback := self._feedback.get(found.target)) is not None:
            if feedback.hold is not None and feedback.hold.label_id == label_id:
                feedback.hold = None
                self._store.holds.pop(found.target, None)
            self._learn(found.target)
            self._again(found.target)
        self._store.save()
        return True

    async def async_close(self) -> None:
        """Write everything."""
        await self._store.async_close()
