"""Parts without Home Assistant in them: the store's versions, the chart, the clockwork of timings, the options."""

from datetime import UTC, datetime, timedelta
import math
from typing import Any
from xml.etree import ElementTree as ET

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.inkling.chart import as_markdown_image, day_chart
from custom_components.inkling.const import DOMAIN, Sensitivity
from custom_components.inkling.core.decide import DecisionParameters
from custom_components.inkling.core.verdict import Decision, Score, Verdict
from custom_components.inkling.preview import Preview, chart_placeholders
from custom_components.inkling.rooms import decision_parameters
from custom_components.inkling.store import DecisionStore
from custom_components.inkling.timing import Timings

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("version", [1, 2])
async def test_store_of_another_version(hass: HomeAssistant, hass_storage: dict[str, Any], version: int) -> None:
    """Read an older minor version, and begin anew after a later major one."""
    kept = {"end": 100.0, "probability": 0.9, "coverage": 1.0, "occupied": True, "since": 50.0}
    hass_storage[f"{DOMAIN}.x"] = {
        "version": version,
        "minor_version": 0 if version == 1 else 1,
        "data": {"rooms": {"a": kept}},
    }
    store = DecisionStore(hass, "x")
    await store.async_load(["a", "b"])
    found = store.restored("a", 160.0)
    assert (found is not None) is (version == 1)
    assert store.restored("a", 99.0) is None
    assert store.restored("b", 160.0) is None


async def test_store_keeps_only_what_says_something(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    """Write a decision at the end, and nothing where there was none."""
    store = DecisionStore(hass, "x")
    await store.async_load(["a"])
    score = Score(room="a", end=10.0, probability=0.9, coverage=1.0, history=1.0)
    silent = Verdict(score=score, decision=Decision(None, None), contributions=(), model="m", backend="b")
    store.keep(silent)
    await store.async_close()
    assert f"{DOMAIN}.x" not in hass_storage
    store.keep(
        Verdict(score=score, decision=Decision(occupied=True, since=5.0), contributions=(), model="m", backend="b")
    )
    await store.async_close()
    assert hass_storage[f"{DOMAIN}.x"]["data"]["rooms"]["a"]["since"] == 5.0
    await store.async_remove()
    assert f"{DOMAIN}.x" not in hass_storage


def day(count: int) -> list[datetime]:
    """Return times five minutes apart."""
    return [datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=5 * index) for index in range(count)]


def test_chart_draws_what_is_known() -> None:
    """Break the line where nothing is known, and mark the occupied stretches."""
    values = [0.0, 0.5, math.nan, 1.0, 1.0]
    root = ET.fromstring(day_chart(day(5), values, [False, True, None, True, True]))  # noqa: S314 - our own text
    lines = root.findall(f"{SVG}polyline")
    assert [line.get("points") for line in lines] == ["40.0,150.0 178.0,80.0", "454.0,10.0 592.0,10.0"]
    assert len(root.findall(f"{SVG}rect")) == 2
    labels = [text.text for text in root.findall(f"{SVG}text")]
    assert labels == ["0%", "50%", "100%"]


def test_chart_labels_local_hours() -> None:
    """Label every fourth full hour."""
    root = ET.fromstring(day_chart(day(289), [0.5] * 289, [False] * 289))  # noqa: S314 - our own text
    labels = [text.text for text in root.findall(f"{SVG}text")][3:]
    assert labels == ["04:00", "08:00", "12:00", "16:00", "20:00", "00:00"]
    assert as_markdown_image("<svg/>", "A day").startswith("![A day](data:image/svg+xml;base64,")


def test_chart_of_nothing() -> None:
    """Draw the frame alone."""
    assert "polyline" not in day_chart(day(1), [math.nan], [None])


def test_summary_of_an_unknown_day() -> None:
    """Count the share over what is known only."""
    phrases = {"preview_summary": "{hours} h, {share} %", "preview_chart": "x", "preview_failed": "no"}
    found = chart_placeholders(Preview(times=(0.0,), probabilities=(math.nan,), occupied=(None,)), phrases)
    assert found["summary"] == "0 h, 0 %"
    assert chart_placeholders(None, phrases) == {"chart": "", "summary": "no"}


def test_timings() -> None:
    """Summarise durations by a clock that is given."""
    ticks = iter([0.0, 0.001, 1.0, 1.003])
    timings = Timings(lambda: next(ticks))
    assert timings.newest("x") is None
    for _ in range(2):
        with timings.measure("x"):
            pass
    assert timings.summary() == {"x": {"count": 2, "p50_us": 1000.0, "p99_us": 3000.0, "max_us": 3000.0}}


@pytest.mark.parametrize(
    ("sensitivity", "on_threshold"),
    [(Sensitivity.CALM, 0.778), (Sensitivity.BALANCED, 0.6), (Sensitivity.EAGER, 0.391)],
)
def test_options_change_the_decision(sensitivity: Sensitivity, on_threshold: float) -> None:
    """Shift both thresholds by the same evidence, and keep the model's delay unless the user set one."""
    shipped = DecisionParameters(on_threshold=0.6, off_threshold=0.4, off_delay_seconds=60.0)
    found = decision_parameters(MockConfigEntry(options={"sensitivity": sensitivity}), shipped)
    assert found.on_threshold == pytest.approx(on_threshold, abs=0.001)
    assert found.off_threshold < found.on_threshold
    assert found.off_delay_seconds == 60.0
    assert decision_parameters(MockConfigEntry(options={"off_delay_seconds": 0}), shipped).off_delay_seconds == 0.0
