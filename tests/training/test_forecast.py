"""Forecasts from households to a published model, and the protocols recorded homes are scored by."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
import json
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")

from custom_components.inkling.core.forecast import FORECAST_CHANNELS, FORECAST_VERSION
from custom_components.inkling.core.forecast_channels import HABITS
from custom_components.inkling.core.manifest import Task
from custom_components.inkling.core.pipeline import Model, open_model
from training.__main__ import main
from training.export import to_float32
from training.forecast import aruba, casas
from training.forecast.draw import Recorded, draw_rows
from training.forecast.export import draft_model
from training.forecast.homes import HOME, simulate_household
from training.forecast.make import MadeForecast, check_forecast, make_forecast, publish_forecast
from training.forecast.network import mixing_network, train_network
from training.forecast.recipe import DEFAULT, Households, read_forecast_recipe
from training.forecast.routine import STEPS_PER_DAY
from training.forecast.rules import RULES, DayGrid, boosted, preheat, said_by
from training.forecast.score import HORIZONS_MINUTES, MODEL, ScoredRoom, by_sort, horizons_of, score_household, skill
from training.forecast.shapes import measure_shapes
from training.publish import schema
from training.recipe import GateError, RecipeError

DATA = Path(os.environ.get("INKLING_DATA", Path(__file__).parents[3] / "shared" / "data"))
SHIPPED = Path(__file__).parents[2] / "models" / "forecast.json"
DAYS = 30
PUBLISHED = {
    "persistence": (0.032, 0.061, 0.110, 0.184, 0.232, 0.314),
    "weekday profile": (0.097, 0.098, 0.100, 0.105, 0.110, 0.128),
    "slot x state Markov": (0.029, 0.050, 0.076, 0.101, 0.110, 0.128),
    "PreHeat k = 5": (0.072, 0.084, 0.099, 0.116, 0.122, 0.143),
}


@pytest.fixture(scope="module", name="made")
def made_fixture() -> MadeForecast:
    """Make a model of a few households."""
    recipe = read_forecast_recipe(DEFAULT)
    households = [Households(seeds=(seed, seed + 1), instants=6, every_minutes=2000) for seed in (0, 10, 20, 30)]
    return make_forecast(
        replace(
            recipe,
            days=DAYS,
            train=households[0],
            validation=households[1],
            test=households[2],
            replay=households[3],
            replay_days=2,
            fit=replace(recipe.fit, epochs=2, batch_size=256),
        )
    )


@pytest.fixture(scope="module", name="model")
def model_fixture() -> Model:
    """Open the model that ships."""
    return open_model(SHIPPED.read_bytes(), SHIPPED.with_suffix(".tflite").read_bytes())


def test_households_live() -> None:
    """Find people asleep, out and home again, rooms used in the day, and the same household for the same seed."""
    homes = [simulate_household(seed, DAYS) for seed in range(12)]
    shares = np.array([home.rooms[HOME].mean() for home in homes])
    assert 0.2 < shares.min() < 0.8 < shares.max() <= 1.0
    for home in homes:
        assert home.steps == DAYS * STEPS_PER_DAY
        assert (home.rooms[HOME] == home.people.any(axis=0)).all()
        assert not home.rooms["never"].any()
        night = home.rooms["bedroom"].reshape(DAYS, -1)[:, : STEPS_PER_DAY // 6].mean()
        noon = home.rooms["bedroom"].reshape(DAYS, -1)[:, STEPS_PER_DAY // 2 : STEPS_PER_DAY * 3 // 4].mean()
        assert night > noon or "shift" in home.kind or night == 0.0
    again = simulate_household(3, DAYS)
    assert all((again.rooms[name] == homes[3].rooms[name]).all() for name in again.rooms)
    assert len({home.kind for home in homes}) > 3


def test_rows_hold_the_past_and_the_truth_ahead() -> None:
    """Ask about a household as it was, never about what came after."""
    rng = np.random.default_rng(1)
    home = simulate_household(4, DAYS)
    recorded = Recorded(home, rng)
    step = 10 * STEPS_PER_DAY + 100
    request = recorded.request(0, step, 0, rng)
    assert len(request.history.shares) == step // 3
    assert request.history.first + len(request.history.shares) == int(recorded.time_of(step) // 900)
    ahead = recorded.shares_ahead(0, step)
    assert ahead[0] == home.rooms[HOME][step : step + 2].mean()
    assert ahead[95] == pytest.approx(home.rooms[HOME][step - 1 + 285 : step - 1 + 288].mean())
    rows = draw_rows((1,), DAYS, 3)
    assert rows.inputs.shape == (len(rows.targets), len(FORECAST_CHANNELS))
    assert np.isfinite(rows.inputs).all()
    assert ((rows.targets >= 0.0) & (rows.targets <= 1.0)).all()


def test_the_network_mixes_what_habits_say(made: MadeForecast) -> None:
    """Learn to be better than the best single habit, and give the file the same answers."""
    rows = draw_rows((0, 1), DAYS, 10)
    network = train_network(rows, rows, replace(made.recipe.fit, epochs=8, batch_size=256))
    odds = network.predict(rows.inputs[:, None], verbose=0)[:, 0]
    ours = np.mean((1.0 / (1.0 + np.exp(-odds)) - rows.targets) ** 2)
    said = 1.0 / (1.0 + np.exp(-rows.inputs[:, : len(HABITS)]))
    assert ours < np.mean((said - rows.targets[:, None]) ** 2, axis=0).min()
    exported = draft_model(to_float32(network)).log_odds(rows.inputs[:50, None])
    np.testing.assert_allclose(exported, np.clip(odds[:50], -12.0, 12.0), rtol=1e-4, atol=1e-4)
    assert mixing_network(rows.inputs, (4, 3)).count_params() < network.count_params()


def test_the_manifest_says_what_the_file_is_for(made: MadeForecast) -> None:
    """Name task, features and the figures a home's own scores begin with."""
    source = json.loads(made.manifest_bytes)
    assert set(source) <= set(schema()["properties"])
    manifest = open_model(made.manifest_bytes, made.model_bytes).manifest
    assert (manifest.task, manifest.features_version) == (Task.FORECAST, FORECAST_VERSION)
    assert source["evaluation"]["horizons"].keys() == {str(minutes) for minutes in HORIZONS_MINUTES}
    assert source["evaluation"]["shown"]["homes"]["count"] == 2
    for scores in source["evaluation"]["horizons"].values():
        assert 0.0 < scores["brier"] <= 1.0
        assert 0.0 < scores["baseline_brier"] < 1.0


def test_only_what_reaches_its_gates_is_published(made: MadeForecast, tmp_path: Path) -> None:
    """Refuse by name what is missed, and write all four files of what is not."""
    strict = replace(made.recipe.gates, least_skill=0.99, least_at_half_past_six=1.1, most_at_three=-1.0)
    none = replace(strict, most_never_used=-1.0)
    with pytest.raises(GateError, match=r"homes at 15 min.*at 3 h.*at 18:30.*never used"):
        check_forecast(replace(made, recipe=replace(made.recipe, gates=none)))
    with pytest.raises(GateError, match="bytes are more than 10"):
        publish_forecast(replace(made, recipe=replace(made.recipe, most_bytes=10)), "", tmp_path)
    assert not list(tmp_path.iterdir())
    loose = replace(strict, least_skill=-1e9, least_at_half_past_six=0.0, most_at_three=1.0, most_never_used=1.0)
    written = publish_forecast(replace(made, recipe=replace(made.recipe, gates=loose)), "## Weak\n\nat all", tmp_path)
    assert sorted(path.name for path in written) == ["README.md", "forecast.json", "forecast.md", "forecast.tflite"]
    card = (tmp_path / "forecast.md").read_text(encoding="utf-8")
    assert "## Weak" in card
    assert "| homes (2) |" in card
    assert "forecast.md" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_skill_is_against_the_best_rule() -> None:
    """Pool rooms first, then choose the best rule of each horizon; what is unknown counts for nobody."""
    truths = np.array([[1.0, 0.0], [0.0, np.nan]])
    said = {MODEL: np.full((2, 2), 0.5), "same": np.array([[0.0, 0.5], [0.0, 0.5]]), "markov": np.full((2, 2), 0.5)}
    room = ScoredRoom("a", HOME, truths, said)
    assert skill([room]).tolist() == [0.0, 0.0]
    better = replace(room, room="kitchen", said={**said, MODEL: np.array([[1.0, 0.0], [0.0, 0.0]])})
    assert skill([better]).tolist() == [1.0, 1.0]
    found = by_sort([room, better])
    assert [found[name]["count"] for name in ("all rooms", "homes", "rooms", "kitchen")] == [2, 1, 1, 1]
    assert found["all rooms"]["skill"] == [0.5, 0.5]


def test_households_are_scored_on_what_came(model: Model) -> None:
    """Score every room of a household against its state at each horizon."""
    rooms = score_household(model, 33, 24, 450, from_day=5)
    home = simulate_household(33, 24)
    assert [room.room for room in rooms] == list(home.rooms)
    assert rooms[0].truths[0, 2] == float(home.rooms[HOME][5 * STEPS_PER_DAY + 12])
    assert float(horizons_of(rooms)["60"]["baseline_brier"]) > 0.0


def test_rules_look_at_past_days_alone() -> None:
    """Answer the same on a day whatever comes after it, and from what was before."""
    rng = np.random.default_rng(2)
    states = np.repeat(rng.integers(0, 2, (60, 24)), 4, axis=1).astype(float)
    grid = DayGrid(states, np.arange(60) % 7)
    other = DayGrid(np.vstack([states[:50], 1.0 - states[50:]]), grid.weekdays)
    for rule in RULES.values():
        for lag in (1, 8):
            assert (rule(grid, 49, lag) == rule(other, 49, lag)).all()
            assert len(rule(grid, 49, lag)) == 96 - lag
    assert all((a == b).all() for a, b in zip(boosted(grid, 42, 4)[:8], boosted(other, 42, 4)[:8], strict=True))
    assert (boosted(DayGrid(np.ones((50, 96)), np.arange(50) % 7), 42, 4)[0] == 1.0).all()


def test_nearest_days_repeat_themselves() -> None:
    """Recognise by noon which of two sorts of day it is."""
    states = np.zeros((40, 96))
    states[::2, 20:30] = states[::2, 60:70] = 1.0
    grid = DayGrid(states, np.zeros(40, np.int64))
    assert said_by(preheat, grid, [38, 39], 16)[0][48] == 1.0
    assert said_by(preheat, grid, [38, 39], 16)[1][48] == 0.0


def _aruba_table(folder: Path) -> Path:
    """Write a table of somebody who is out from ten to twelve every day."""
    lines = [",anot,date,start_time,end_time,duration"]
    for number in range(222):
        day = date(2010, 11, 4) + timedelta(days=number)
        for name, begin, end in (("Leave_Home", "09:59:50", "10:00:00"), ("Enter_Home", "12:00:00", "12:00:10")):
            lines.append(f"{len(lines)},{name},{day},2020-05-14 {begin},2020-05-14 {end},0 days")
    folder.mkdir()
    (folder / "aruba_activities.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_home_is_scored_by_the_protocol(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Score quarters of an hour after the warm-up, the model on the instants of the rules."""
    monkeypatch.setattr(aruba, "_DAYS", 44)
    folder = _aruba_table(tmp_path / "aruba")
    home = aruba.read_home(folder)
    assert home.grid.states.shape == (44, 96)
    assert (home.grid.states[:, 40:48] == 0.0).all()
    assert home.grid.states.sum() == 44 * 88
    assert home.since(float(home.midpoints[3, 44])) == home.midpoints[3, 40] - 450.0
    found = aruba.score_aruba(model, folder, boosting=False)
    assert found["60 min"]["weekday profile"]["brier"] == 0.0
    assert found["60 min"]["persistence"]["brier"] == pytest.approx(8 / 92)
    assert found["60 min"]["persistence"]["brier_8_22"] == pytest.approx(8 / 56)
    assert found["60 min"][MODEL]["brier"] < 0.05
    assert found["360 min"].keys() == {*RULES, MODEL}


def _casas_lines(folder: Path) -> Path:
    """Write twelve days of somebody who cooks, watches television, goes out and sleeps."""
    plan = (
        ("08:00", "Cook_Breakfast"),
        ("09:00", "Cook_Breakfast"),
        ("10:00", "Leave_Home"),
        ("12:00", "Enter_Home"),
        ("13:00", "Watch_TV"),
        ("17:00", "Watch_TV"),
        ("22:00", "Sleep"),
        ("23:50", "Sleep"),
    )
    lines = [
        f"2011-06-{day:02} {clock}:00.0 Kitchen Kitchen {value} {activity}"
        for day in range(1, 13)
        for (clock, activity), value in zip(plan, ("ON", "OFF") * 4, strict=True)
    ]
    folder.mkdir()
    (folder / "data.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_labelled_rooms_are_scored_where_labels_tell(model: Model, tmp_path: Path) -> None:
    """Leave out what no label tells, and count the home as somebody's but from a leaving to an entering."""
    rooms = {room.room: room for room in casas.score_casas(model, _casas_lines(tmp_path / "casas"))}
    assert rooms.keys() == {"Kitchen", "Bathroom", "Bedroom", "LivingRoom", "WorkArea", HOME}
    assert np.isnan(rooms["Kitchen"].truths).mean() > 0.5
    assert np.nanmean(rooms[HOME].truths) == pytest.approx(22 / 24, abs=0.02)
    assert rooms[HOME].brier(MODEL)[0] < 0.1


def test_unknown_minutes_make_unknown_slots() -> None:
    """Know a slot of which half is known, and since when a state stands."""
    states = np.full(30, np.nan)
    states[:8], states[20:22] = 1.0, 0.0
    line = casas.Timeline(0.0, states)
    assert line.shares()[0] == 1.0
    assert np.isnan(line.shares()[1])
    assert line.since()[[7, 19, 21]].tolist() == [0, 8, 20]


@pytest.mark.skipif(not (DATA / "casas_aruba_activities").is_dir(), reason="Aruba does not lie here (INKLING_DATA)")
def test_the_rules_on_the_real_aruba_are_as_measured() -> None:
    """Find the published Brier score of every rule within .002 at every horizon."""
    found = aruba.score_aruba(None, DATA / "casas_aruba_activities", boosting=False)
    for name, values in PUBLISHED.items():
        ours = [figures[name]["brier"] for figures in found.values()]
        np.testing.assert_allclose(ours, values, atol=0.002)


def test_the_shipped_model_knows_what_anybody_would(model: Model) -> None:
    """Keep its promise on a room used from 18 to 19 h every day for four weeks, and on one that is never used."""
    shapes = measure_shapes(model)
    assert shapes.at_three <= 0.02
    assert shapes.at_half_past_six >= 0.95
    assert shapes.never_used <= 0.02


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("seed = 1", "lacks the entry 'seed'"),
        ("widths = [80, 40]", "does not fit"),
        ("first = 5000", "one of train, validation, test and replay only"),
        ("[gates]", "not valid TOML"),
    ],
)
def test_a_recipe_that_does_not_fit_is_named(change: str, said: str, tmp_path: Path) -> None:
    """Say which entry of a recipe is wrong."""
    to = {"seed = 1": "", "widths = [80, 40]": "widths = [48]", "first = 5000": "first = 10", "[gates]": "[gates"}
    text = DEFAULT.read_text(encoding="utf-8")
    assert change in text
    if change == "seed = 1":
        text = text.replace("[training]\nseed = 1", "[training]").replace("[simulated]", "[simulations]")
        said = "lacks the entry 'simulated'"
    (tmp_path / "forecast.toml").write_text(text.replace(change, to[change]), encoding="utf-8")
    with pytest.raises(RecipeError, match=said):
        read_forecast_recipe(tmp_path / "forecast.toml")


def test_a_recipe_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Say which file cannot be read."""
    with pytest.raises(RecipeError, match="cannot be read"):
        read_forecast_recipe(tmp_path / "nothing.toml")


def test_the_verb_scores_a_model(
    made: MadeForecast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Print and keep the figures of the recorded homes that lie there."""
    monkeypatch.setattr(aruba, "_DAYS", 44)
    (tmp_path / "data").mkdir()
    _aruba_table(tmp_path / "data" / "casas_aruba_activities")
    _casas_lines(tmp_path / "data" / "casas_al_home")
    (tmp_path / "forecast.json").write_bytes(made.manifest_bytes)
    (tmp_path / "forecast.tflite").write_bytes(made.model_bytes)
    options = ["--data", str(tmp_path / "data"), "--model", str(tmp_path / "forecast.json"), "--without-boosting"]
    assert main(["forecast", "evaluate", *options, "--json", str(tmp_path / "figures.json")]) == 0
    assert "CASAS Aruba" in capsys.readouterr().out
    assert json.loads((tmp_path / "figures.json").read_bytes()).keys() == {"aruba", "casas", "shapes", "shown"}
    assert main(["forecast", "card", *options]) == 0
    assert "CASAS Aruba" in (tmp_path / "forecast.md").read_text(encoding="utf-8")
