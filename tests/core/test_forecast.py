"""A day ahead: what the network is told, the rules beside it, and reading a forecast."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.backends import ModelFault, ModelRefusedError
from custom_components.inkling.core.features import CHANNELS
from custom_components.inkling.core.forecast import (
    BASELINES,
    FORECAST_CHANNELS,
    FORECAST_VERSION,
    Forecast,
    ForecastRequest,
    forecast_batch,
    forecast_inputs,
    next_change,
    probability_at,
)
from custom_components.inkling.core.manifest import Task
from custom_components.inkling.core.pipeline import Model, open_model
from custom_components.inkling.core.slots import SLOT_SECONDS, SLOTS_PER_DAY, Calendar, SlotView
from tests.core.builders import BrokenBackend, LinearBackend, encode, make_manifest, manifest_source

MONDAY = 1_780_272_000.0
DAY = 86_400.0


def _calendar(days: int = 60) -> Calendar:
    """Return days of UTC from a Monday on, weekends free."""
    weekdays = np.arange(days) % 7
    return Calendar(
        np.asarray(MONDAY + DAY * np.arange(days + 1), np.float64),
        (weekdays > 4).astype(np.float32),
        weekdays.astype(np.int8),
    )


def _model(**weights: float) -> Model:
    """Return a forecast model that weighs channels, their points written as `__`."""
    named = {name.replace("__", "."): weight for name, weight in weights.items()}
    manifest = replace(
        make_manifest(tuple(named), 1, SLOT_SECONDS), task=Task.FORECAST, features_version=FORECAST_VERSION
    )
    return Model(manifest, LinearBackend(tuple(named.values()), 1))


def _request(room: str = "kitchen", shares: NDArray[np.floating] | None = None, **changes: object) -> ForecastRequest:
    """Return a vacant room with a past from Monday on."""
    past = np.empty(0, np.float32) if shares is None else shares.astype(np.float32)
    request = ForecastRequest(
        room=room,
        history=SlotView(int(MONDAY // SLOT_SECONDS), past),
        probability=0.1,
        occupied=False,
        since=MONDAY,
        people_home=None,
        is_home=False,
    )
    return replace(request, **changes)  # type: ignore[arg-type]


def _column(values: NDArray[np.float32], name: str, room: int = 0) -> NDArray[np.float32]:
    """Return one channel of a room, shape (96,)."""
    return values[room, :, FORECAST_CHANNELS.index(name)]


def test_one_batch_forecasts_every_room() -> None:
    """Give each room its 96 slots in one call of the model, the first slot the one that holds the present."""
    model = _model(habit__long__logit=1.0)
    now = MONDAY + 20 * DAY + 8.4 * 3600.0
    evening = np.tile((np.arange(SLOTS_PER_DAY) // 4 == 18).astype(float), 21)[: int((now - MONDAY) // SLOT_SECONDS)]
    found = forecast_batch(model, _calendar(), now, [_request("a", evening), _request("b", 0.0 * evening)])
    assert model.backend.batches == [2 * SLOTS_PER_DAY]  # type: ignore[attr-defined]
    assert found.keys() == {"a", "b"}
    assert found["a"].starts[0] <= now < found["a"].starts[1]
    assert found["a"].probabilities.dtype == np.float32
    assert probability_at(found["a"], MONDAY + 20 * DAY + 18.5 * 3600.0) > 0.95
    assert probability_at(found["a"], MONDAY + 21 * DAY + 3 * 3600.0) < 0.02
    assert found["b"].probabilities.max() < 0.02
    assert found["a"].baselines.keys() == set(BASELINES)
    assert forecast_batch(model, _calendar(), now, []) == {}


def test_a_model_may_take_some_channels_in_its_own_order() -> None:
    """Hand the network its channels as its manifest names them, all of them too."""
    now = MONDAY + 3600.0
    some = forecast_batch(
        _model(room__home__flag=2.0, now__state__sign=1.0), _calendar(), now, [_request(is_home=True)]
    )
    assert_allclose(some["kitchen"].probabilities, 1.0 / (1.0 + np.exp(-1.0)), rtol=1e-5)
    weights = {name.replace(".", "__"): 0.0 for name in FORECAST_CHANNELS}
    every = forecast_batch(_model(**{**weights, "room__home__flag": 1.0}), _calendar(), now, [_request(is_home=True)])
    assert_allclose(every["kitchen"].probabilities, 1.0 / (1.0 + np.exp(-1.0)), rtol=1e-5)


def test_a_model_that_fails_is_refused() -> None:
    """Let the caller know when the network gives no answer."""
    model = replace(_model(now__state__sign=1.0), backend=BrokenBackend((1.0,), 1))
    with pytest.raises(ModelRefusedError, match="no answer"):
        forecast_batch(model, _calendar(), MONDAY, [_request()])


def test_first_minute_of_a_home() -> None:
    """Tell the network of a home of which nothing is known yet, and let the rules say something sane."""
    request = _request(probability=None, occupied=None, since=None)
    inputs = forecast_inputs(_calendar(), MONDAY + 30.0, [request])
    assert np.isfinite(inputs.values).all()
    assert _column(inputs.values, "now.duration.known").max() == 0.0
    assert _column(inputs.values, "now.state.sign").max() == 0.0
    for name in ("same", "persistence", "profile"):
        assert_allclose(inputs.baselines[name], 0.3, rtol=1e-6)
    assert_allclose(inputs.baselines["markov"], 0.5)


def test_the_network_is_told_who_is_home_and_what_day_it_is() -> None:
    """Put people, kinds of days and the verdict into their channels."""
    now = MONDAY + 4 * DAY + 20.0 * 3600.0
    requests = [_request(people_home=0.25, probability=0.9, occupied=True, since=now - 1800.0), _request()]
    values = forecast_inputs(_calendar(), now, requests).values
    assert _column(values, "people.home.share").min() == 0.25
    assert _column(values, "people.home.known").tolist() == [1.0] * SLOTS_PER_DAY
    assert _column(values, "people.home.known", 1).max() == 0.0
    assert _column(values, "now.state.sign")[0] == 1.0
    assert _column(values, "now.verdict.logit")[0] == pytest.approx(np.log(9.0), rel=1e-5)
    assert _column(values, "now.duration.log")[0] == pytest.approx(np.log1p(2.5))
    assert _column(values, "today.day.free").tolist() == [-1.0] * SLOTS_PER_DAY
    assert _column(values, "target.day.free").tolist() == [-1.0] * 16 + [1.0] * 80


def test_rules_are_what_they_say() -> None:
    """Compute the overall share, no change, the weekday's mean and the Markov chain's counts."""
    rng = np.random.default_rng(5)
    days = 21
    now = MONDAY + days * DAY + 10.0 * 3600.0
    shares = rng.integers(0, 2, days * SLOTS_PER_DAY + 40).astype(float)
    found = forecast_inputs(_calendar(), now, [_request(shares=shares, occupied=True)]).baselines
    past = shares[: days * SLOTS_PER_DAY].reshape(days, SLOTS_PER_DAY)
    overall = (shares.mean() * len(shares) / SLOTS_PER_DAY + 0.3) / (len(shares) / SLOTS_PER_DAY + 1.0)
    assert found["same"][0, 7] == pytest.approx(overall, rel=1e-4)
    assert found["persistence"][0].tolist() == [1.0] * SLOTS_PER_DAY
    assert found["profile"][0, 9] == pytest.approx((past[::7, 49].sum() + overall) / 4.0, rel=1e-4)
    work = past[np.arange(days) % 7 < 5]
    same = [work[:, 40 + shift] == 1.0 for shift in range(-2, 3)]
    hits = sum(float(work[at, 49 + shift].sum()) for at, shift in zip(same, range(-2, 3), strict=True))
    assert found["markov"][0, 9] == pytest.approx((hits + 0.5) / (sum(at.sum() for at in same) + 1.0), rel=1e-4)


def _forecast(values: list[float], *, stands: float, made_at: float = MONDAY) -> Forecast:
    """Return a forecast that goes through values and stays at the last."""
    filled = np.array(values + values[-1:] * (SLOTS_PER_DAY - len(values)), np.float32)
    starts = (np.floor(made_at / SLOT_SECONDS) + np.arange(SLOTS_PER_DAY)) * SLOT_SECONDS
    return Forecast("a", made_at, starts, filled, {"persistence": np.full(SLOTS_PER_DAY, stands, np.float32)})


def test_a_probability_holds_for_the_middle_of_its_slot() -> None:
    """Read between the middles, and the first and last beyond them."""
    forecast = _forecast([0.2, 0.4, 0.8], stands=0.0, made_at=MONDAY + 300.0)
    assert forecast.moments[0] == MONDAY + 600.0
    assert probability_at(forecast, MONDAY) == pytest.approx(0.2)
    assert probability_at(forecast, MONDAY + 1350.0) == pytest.approx(0.4)
    assert probability_at(forecast, MONDAY + 1800.0) == pytest.approx(0.6)
    assert probability_at(forecast, MONDAY + 3 * DAY) == pytest.approx(0.8)


def test_next_change() -> None:
    """Find when the other state is expected, None where it is not, and the next time where it is the present one."""
    rising = _forecast([0.1, 0.1, 0.9], stands=0.0)
    assert next_change(rising, occupied=True, threshold=0.5) == pytest.approx(MONDAY + 1800.0)
    assert next_change(rising, occupied=True, threshold=0.95) is None
    assert next_change(rising, occupied=False, threshold=0.5) is None
    falling = _forecast([0.9, 0.2, 0.2, 0.8], stands=1.0)
    left = next_change(falling, occupied=False, threshold=0.7)
    assert left is not None
    assert MONDAY + 450.0 < left < MONDAY + 1350.0
    back = next_change(falling, occupied=True, threshold=0.7)
    assert back is not None
    assert MONDAY + 2250.0 < back < MONDAY + 3150.0
    soon = next_change(_forecast([0.9], stands=0.0), occupied=True, threshold=0.6)
    assert soon is not None
    assert MONDAY < soon < MONDAY + 450.0


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(0, 2000),
    hours=st.floats(0.0, 900.0),
    offset=st.integers(-300, 300),
)
def test_any_past_gives_probabilities(seed: int, count: int, hours: float, offset: int) -> None:
    """Answer with finite channels and probabilities whatever was kept, early, late or ahead of the present."""
    rng = np.random.default_rng(seed)
    shares = rng.random(count).astype(np.float32)
    shares[rng.random(count) < 0.3] = np.nan
    history = SlotView(int(MONDAY // SLOT_SECONDS) + offset, shares)
    requests = [_request("a", history=history, since=MONDAY + 1e6), _request("b")]
    inputs = forecast_inputs(_calendar(), MONDAY + hours * 3600.0, requests)
    assert np.isfinite(inputs.values).all()
    for values in inputs.baselines.values():
        assert ((values >= 0.0) & (values <= 1.0)).all()


def test_a_manifest_of_other_features_is_refused() -> None:
    """Check a forecast's manifest against the forecast's channels and version, not occupancy's."""
    source = manifest_source() | {"task": "forecast", "features_version": FORECAST_VERSION}
    source["input"] = {"channels": [CHANNELS[0]], "steps": 1, "step_seconds": 900}
    with pytest.raises(ModelRefusedError, match="channels that do not exist") as refused:
        open_model(encode(source), b"a model")
    assert refused.value.fault is ModelFault.MANIFEST_MISFIT
    source["features_version"] = FORECAST_VERSION + 1
    with pytest.raises(ModelRefusedError, match="features version"):
        open_model(encode(source), b"a model")
