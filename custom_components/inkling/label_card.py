"""What a room's report card tells of labels: how many, how good it was on them, and what they changed."""

from homeassistant.core import callback
from homeassistant.util.json import JsonObjectType

from .core.feedback import Marks
from .fault_entity import iso
from .labelling import Labelling


@callback
def label_card(labelling: Labelling, monitor: str) -> JsonObjectType:
    """Return what labels say about a room, or the home, and what it learned of them.

    `before` is the model alone, `after` with what was learned before each label came.
    """
    found, hold = labelling.learned(monitor), labelling.hold_of(monitor)
    held: JsonObjectType | None = None
    if hold is not None:
        held = {"occupied": hold.occupied, "until": iso(hold.until)}
    if found is None:
        return {"labels": len(labelling.labels_of(monitor)), "scored": 0, "held": held}
    return {
        "labels": found.marks.labels,
        "scored": found.marks.scored,
        "accuracy": _pair(found.marks, "accuracy"),
        "brier": _pair(found.marks, "brier"),
        "shift_log_odds": round(found.shift, 3),
        "shift_limits": [round(found.limits.low, 3), round(found.limits.high, 3)],
        "held": held,
    }


def _pair(marks: Marks, figure: str) -> JsonObjectType:
    """Return a figure of the model alone and as it was shown, each None without a label to score."""
    found: dict[str, float | None] = {name: getattr(marks, f"{figure}_{name}") for name in ("before", "after")}
    return {name: None if value is None else round(value, 4) for name, value in found.items()}
