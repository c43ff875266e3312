"""The ablation gives every detector the same failures, sets them equally quiet, and says plainly who is better."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.units import Role
from training.__main__ import main
from training.faults import ablation, grid
from training.faults.ablation import FACTORS, WATCH, Tried, alarms_at, factor_for
from training.faults.ablation_figures import beside, recall, sign_test
from training.faults.ablation_page import page
from training.faults.plan import NUMBERS, Recording
from training.faults.rivals import CasePath
from training.trace import Readings, RoomInfo, SignalInfo, Trace

DAY = 86_400.0
T0 = 1_704_067_200.0


def _recording(name: str, seed: int) -> Recording:
    """Return three thermometers of one room over six days."""
    rng = np.random.default_rng(seed)
    times = T0 + np.arange(0.0, 6.0 * DAY, 300.0, dtype=np.float64)
    wave = np.sin(2.0 * np.pi * (times % DAY) / DAY)
    readings = {
        item: Readings(times, tuple(f"{v:.2f}" for v in 21.0 + n + wave + rng.normal(0.0, 0.03, len(times))))
        for n, item in enumerate(("a", "b", "c"))
    }
    signals = tuple(SignalInfo(item, Role.TEMPERATURE, "°C", "room") for item in readings)
    trace = Trace(
        name=name, source="a test", licence="MIT", timezone="UTC",
        rooms=(RoomInfo("room", "Room"),), signals=signals, readings=readings,
    )  # fmt: skip
    return Recording(name, trace, T0 + 4.0 * DAY, 2.0, longest_hours=6.0)


def _tried(alarms_below: float, many: int) -> Tried:
    """Return a rival that raises so many false alarms below a factor, and one failure at three times its threshold."""
    path = CasePath(0.0, np.array([0.0, 3.0], dtype=np.float32))
    return Tried(np.where(alarms_below > FACTORS, many, 0), (path,))


def test_the_factor_is_the_least_that_is_quiet_enough_from_there_on() -> None:
    """Choose among two recordings: where their alarms together are no more than wished; none is too many for it."""
    tried = [_tried(1.0, 2), _tried(2.0, 3)]
    none, three, all_ = (factor_for(tried, most) for most in (0.0, 3.0, 5.0))
    assert none == pytest.approx(2.0, rel=0.02)
    assert three == pytest.approx(1.0, rel=0.02)
    assert all_ == FACTORS[0]
    assert (alarms_at(tried, none), alarms_at(tried, three), alarms_at(tried, all_)) == (0, 3, 5)
    assert factor_for([_tried(100.0, 1)], 0.0) == FACTORS[-1]


def test_a_difference_is_believed_when_chance_would_hardly_make_it() -> None:
    """Compare what only one of two found: six against none is unlikely between equals, three against two is not."""
    assert sign_test(6, 0) == pytest.approx(2 / 64)
    assert sign_test(3, 2) == 1.0
    assert sign_test(0, 0) == 1.0
    found = beside([1.0, 2.0, None, 4.0], [None, 1.0, 3.0, None])
    assert (found["only_this"], found["only_simplest"]) == (2, 1)
    assert recall([1.0, None]) == 0.5
    assert math.isnan(recall([]))


def test_the_verb_writes_figures_and_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run it all on small recordings: everybody is given the same failures, and the page says who finds more."""
    made = {name: _recording(name, seed) for seed, name in enumerate(("one", "two", "three", "simulated-302"))}
    monkeypatch.setattr(grid, "NUMBERS", NUMBERS[::4])
    monkeypatch.setattr(ablation, "recordings", lambda _, names: {name: made[name] for name in names})
    recipe = tmp_path / "small.toml"
    section = "seed = 1\nrows = 500\nepochs = 1\nbatch_size = 64\nlearning_rate = 0.01\n"
    recipe.write_text(f"[networks]\n{section}[naming]\n{section}")
    figures, text = tmp_path / "f.json", tmp_path / "f.md"
    arguments = ["faults-ablation", "--data", str(tmp_path), "--recipe", str(recipe), "--more-homes", "1"]
    arguments += ["--development", "one,two", "--held-out", "three", "--per-dose", "1"]
    assert main([*arguments, "--json", str(figures), "--page", str(text)]) == 0
    found = json.loads(figures.read_text())
    rows = found["held-out"]["detectors"]
    assert list(rows)[:2] == [WATCH, "robust z"]
    assert len({row["cases"] for row in rows.values()}) == 1
    assert len(rows) == 7
    assert rows[WATCH]["classes"]["dropout"]["recall"] == 1.0
    assert rows["robust z"]["curve"]["10"]["recall"] >= rows["robust z"]["recall"]
    assert found["development"]["recordings"] == ["one", "two", "simulated-302"]
    assert found["naming"]["rules"]["cases"] > 1
    said = text.read_text()
    assert "## Naming the class" in said
    assert "* the watch " in said.split("## What follows")[1]
    assert said in capsys.readouterr().out
    assert "Naming" not in page({**found, "naming": None})
    assert main([*arguments[:-1], "0"]) == 2
    assert "--per-dose must be" in capsys.readouterr().err
