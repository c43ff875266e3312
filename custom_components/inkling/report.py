"""How good the models are: the figures they came with, how forecasts did in this home, and what labels taught."""

import asyncio
from collections.abc import Iterator, Mapping
from itertools import batched, islice
from typing import Any

from homeassistant.util.json import JsonObjectType

from .const import OVERVIEW_PARTS_AT_ONCE
from .data import InklingConfigEntry, RuntimeData
from .label_card import label_card
from .model_files import FoundModel
from .overview import Viewer, model_of
from .rooms import Monitor, monitors_of
from .services_forecast import card_of

# A manifest is somebody else's file: a table that nobody could read is not sent.
_MOST_TABLES, _MOST_ROWS, _MOST_LETTERS = 12, 12, 80
_FIGURES = ("accuracy", "f1", "brier", "false_offs_per_occupied_day")
_OCCUPANCY: Mapping[str, tuple[str, str]] = {"occupancy": ("binary_sensor", "occupancy")}


async def async_report(viewer: Viewer, entry: InklingConfigEntry) -> JsonObjectType:
    """Return the models with their figures, and the scores of every room that the user may read, some at a time."""
    runtime = entry.runtime_data
    found: list[JsonObjectType] = []
    for some in batched(monitors_of(entry), OVERVIEW_PARTS_AT_ONCE, strict=False):
        found += [card for monitor in some if (card := _card(viewer, runtime, monitor)) is not None]
        await asyncio.sleep(0)
    models: JsonObjectType = {"occupancy": _occupancy(runtime.found), "forecast": _forecast(runtime.found_forecast)}
    return {"models": models, "monitors": list(found)}


def _card(viewer: Viewer, runtime: RuntimeData, monitor: Monitor) -> JsonObjectType | None:
    """Return the scores of a room or the home, None where its occupancy may not be read."""
    entities = viewer.entities(monitor.id, _OCCUPANCY)
    if "occupancy" not in entities:
        return None
    whole: JsonObjectType = {"id": monitor.id, "title": monitor.title, "is_home": monitor.subentry_id is None}
    feedback = label_card(runtime.labelling, monitor.id)
    return {**whole, **entities, **card_of(runtime.forecasting, monitor.id), "feedback": feedback}


def _evaluation(found: FoundModel) -> Mapping[str, Any]:
    """Return the figures a model came with, as they came."""
    return {} if found.model is None else found.model.manifest.evaluation


def _occupancy(found: FoundModel) -> JsonObjectType:
    """Return the occupancy model, with a table for each recording it was tried on, rules beside it."""
    tables: list[JsonObjectType] = []
    for name, part in islice(_objects(_evaluation(found)), _MOST_TABLES):
        rows: list[JsonObjectType] = [
            {"name": rule[:_MOST_LETTERS], **{figure: _number(row.get(figure)) for figure in _FIGURES}}
            for rule, row in islice(_objects(part.get("results")), _MOST_ROWS)
        ]
        if rows:
            tables.append({"name": name[:_MOST_LETTERS], "instants": _number(part.get("instants")), "rows": [*rows]})
    return {**model_of(found), "figures": [*_FIGURES], "tables": [*tables]}


def _forecast(found: FoundModel) -> JsonObjectType:
    """Return the forecast model, with its Brier score and that of the best rule by minutes ahead."""
    horizons: list[JsonObjectType] = []
    for minutes, part in islice(_objects(_evaluation(found).get("horizons")), _MOST_ROWS):
        brier, baseline = _number(part.get("brier")), _number(part.get("baseline_brier"))
        if minutes.isdecimal() and brier is not None and baseline is not None:
            horizons.append({"minutes": int(minutes), "brier": brier, "baseline_brier": baseline})
    return {**model_of(found), "horizons": [*horizons]}


def _objects(source: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the objects in an object, nothing where it is none."""
    if isinstance(source, Mapping):
        yield from ((str(key), value) for key, value in source.items() if isinstance(value, Mapping))


def _number(value: object) -> float | None:
    """Return a number, None for anything else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
