"""A horizon is shown while it beats the best simple rule here, and hidden within days where it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.skill import HorizonPrior, HorizonSkill, SkillBook, SkillError, SkillReason

T0 = 1_700_006_400.0
SLOT = 900.0
DAY = 96
PRIORS = {30: HorizonPrior(brier=0.046, baseline_brier=0.05), 60: HorizonPrior(brier=0.07, baseline_brier=0.076)}
STEPS = 4


@dataclass(frozen=True, slots=True)
class Weeks:
    """A room's quarters of an hour with what is truly likely an hour later, and what simple rules say."""

    states: NDArray[np.bool_]
    truth: NDArray[np.float64]
    rules: dict[str, NDArray[np.float64]]


def _weeks(seed: int, days: int, arrive: float = 0.2, leave: float = 0.15) -> Weeks:
    """Return a room people come to by day: a chain of two states whose chances change with the hour."""
    slots = np.arange(days * DAY)
    by_day = (slots % DAY >= 28) & (slots % DAY < 88)
    come, go = np.where(by_day, arrive, 0.005), np.where(by_day, leave, 0.5)
    rng = np.random.default_rng(seed)
    states = np.zeros(len(slots), np.bool_)
    for slot, draw in enumerate(rng.random(len(slots) - 1)):
        states[slot + 1] = draw >= go[slot] if states[slot] else draw < come[slot]
    return Weeks(states, _ahead(states.astype(float), come, go), _rules(states, come, go))


def _ahead(
    chances: NDArray[np.float64], come: NDArray[np.float64], go: NDArray[np.float64], steps: int = STEPS
) -> NDArray[np.float64]:
    """Return the chance some steps after each slot from the chance in it."""
    for step in range(steps):
        chances = chances * (1.0 - np.roll(go, -step)) + (1.0 - chances) * np.roll(come, -step)
    return chances


def _rules(
    states: NDArray[np.bool_], come: NDArray[np.float64], go: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Return what the simple rules say an hour after each slot."""
    profile = _ahead(np.full(len(states), states.mean()), come, go, 3 * DAY)
    return {
        "same": np.full(len(states), states.mean()),
        "persistence": states.astype(float),
        "profile": np.roll(profile, -STEPS % DAY),
        "markov": np.where(states, states[STEPS:][states[:-STEPS]].mean(), states[STEPS:][~states[:-STEPS]].mean()),
    }


def _run(weeks: Weeks, forecast: NDArray[np.float64], priors: Mapping[int, HorizonPrior]) -> Iterator[HorizonSkill]:
    """Yield the skill at an hour after every slot of a room's weeks."""
    kept = SkillBook(priors)
    for slot, occupied in enumerate(weeks.states.tolist()):
        now = T0 + slot * SLOT
        kept.settle("room", now, occupied)
        kept.note("room", 60, now, float(forecast[slot]), {name: rule[slot] for name, rule in weeks.rules.items()})
        yield kept.skill("room", 60)


def _shown(weeks: Weeks, forecast: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return when an hour's forecast was shown."""
    return np.array([skill.shown for skill in _run(weeks, forecast, PRIORS)])


def _brier(weeks: Weeks, forecast: NDArray[np.float64]) -> float:
    """Return the Brier score of an hour's forecast over all weeks."""
    return float(np.mean((forecast[:-STEPS] - weeks.states[STEPS:]) ** 2))


def _changes(shown: NDArray[np.bool_]) -> int:
    """Return how often a horizon came or went."""
    return int(np.sum(shown[1:] != shown[:-1]))


@pytest.mark.parametrize("seed", range(4))
def test_good_forecast_is_shown_from_day_one(seed: int) -> None:
    """Never hide the true chances, though the best rule is only three hundredths worse."""
    weeks = _weeks(seed, 60)
    best = min(_brier(weeks, rule) for rule in weeks.rules.values())
    assert 0.015 < 1.0 - _brier(weeks, weeks.truth) / best < 0.05
    assert _shown(weeks, weeks.truth).all()


@pytest.mark.parametrize("seed", range(4))
def test_bad_forecast_is_hidden_within_days(seed: int) -> None:
    """Hide a forecast that is a sixth worse than the best rule in two days, one a twentieth worse in ten, for good."""
    weeks = _weeks(seed, 60)
    rng = np.random.default_rng(100 + seed)
    name = min(weeks.rules, key=lambda rule: _brier(weeks, weeks.rules[rule]))
    best = _brier(weeks, weeks.rules[name])
    for noise, days in ((0.17, 2), (0.09, 10)):
        forecast = np.clip(weeks.rules[name] + rng.normal(0.0, noise, len(weeks.states)), 0.0, 1.0)
        assert _brier(weeks, forecast) > best * 1.02
        shown = _shown(weeks, forecast)
        assert shown[:DAY].all()
        assert not shown[-30 * DAY :].any()
        assert shown[days * DAY :].mean() < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_forecast_like_the_rule_does_not_flicker(seed: int) -> None:
    """Come and go a handful of times in two months at most where a forecast is as good as the best rule."""
    weeks = _weeks(seed, 60)
    rng = np.random.default_rng(200 + seed)
    best = min(_brier(weeks, rule) for rule in weeks.rules.values())
    spread = np.sqrt(best - _brier(weeks, weeks.truth))
    forecast = np.clip(weeks.truth + rng.normal(0.0, spread, len(weeks.states)), 0.0, 1.0)
    assert abs(1.0 - _brier(weeks, forecast) / best) < 0.015
    assert _changes(_shown(weeks, forecast)) <= 4


def test_a_forecast_that_goes_bad_is_forgotten_its_past() -> None:
    """Hide what was good for two months within two weeks of its turning bad."""
    weeks = _weeks(7, 90)
    forecast = weeks.truth.copy()
    forecast[60 * DAY :] = 1.0 - forecast[60 * DAY :]
    shown = _shown(weeks, forecast)
    assert shown[: 60 * DAY].all()
    assert not shown[74 * DAY :].any()


def test_a_loss_of_a_hundredth_is_hidden_in_time() -> None:
    """Hide what is a hundredth worse than a rule within five weeks, however much better it was elsewhere."""
    book, shown = SkillBook({60: HorizonPrior(brier=0.037, baseline_brier=0.048)}), []
    for slot in range(60 * DAY):
        now = T0 + slot * SLOT
        book.settle("kitchen", now, occupied=slot % 2 == 0)
        ahead = (slot + STEPS) % 2 == 0
        own, rule = (abs(ahead - math.sqrt(brier)) for brier in (0.0505, 0.05))
        book.note("kitchen", 60, now, own, {"markov": rule})
        shown.append(book.skill("kitchen", 60).shown)
    assert all(shown[: 5 * DAY])
    assert not any(shown[35 * DAY :])


def test_an_unused_room_is_shown_though_a_rule_is_righter() -> None:
    """Show 1 % for a room nobody enters: the rule that says 0 is righter, and nobody is misled."""
    book = SkillBook(PRIORS)
    for slot in range(40 * DAY):
        now = T0 + slot * SLOT
        book.settle("attic", now, occupied=False)
        book.note("attic", 60, now, 0.01, {"same": 0.0, "persistence": 0.0})
    found = book.skill("attic", 60)
    assert found.shown
    assert found.reason is SkillReason.CERTAIN
    assert found.baseline_brier == 0.0


@pytest.mark.parametrize("missed_quarters", [2, 4, 16])
def test_certainty_hides_no_miss(missed_quarters: int) -> None:
    """Hide 1 % for a room that is used half an hour a week or more, which a weekday's profile knows."""
    book, found = SkillBook(PRIORS), []
    for slot in range(6 * 7 * DAY):
        now = T0 + slot * SLOT
        used, ahead = (place % (7 * DAY) >= 7 * DAY - missed_quarters for place in (slot, slot + STEPS))
        book.settle("chapel", now, used)
        book.note("chapel", 60, now, 0.01, {"profile": float(ahead), "same": missed_quarters / (7 * DAY)})
        found.append(book.skill("chapel", 60))
    assert not any(skill.shown for skill in found[2 * 7 * DAY :])
    assert found[-1].reason is SkillReason.WORSE_THAN_BASELINE


def test_without_a_prior_a_forecast_must_prove_itself() -> None:
    """Hide what was never measured until it was better here, and say why."""
    weeks = _weeks(1, 30)
    ahead = np.roll(weeks.states, -STEPS).astype(np.float64)
    found = list(_run(weeks, np.asarray(ahead * 0.8 + 0.1, np.float64), {}))
    assert [found[0].shown, found[0].reason] == [False, SkillReason.NO_EVIDENCE]
    assert [found[-1].shown, found[-1].reason] == [True, SkillReason.BETTER]


def test_reasons_of_a_prior() -> None:
    """Show by the prior of the nearest horizon first, and hide with a reason."""
    book = SkillBook(PRIORS)
    first = book.skill("room", 120)
    assert (first.shown, first.reason, first.count, first.brier) == (True, SkillReason.LEARNING_PRIOR, 0, None)
    assert first.skill == pytest.approx(1 - 0.07 / 0.076)
    book.use({60: HorizonPrior(brier=0.2, baseline_brier=0.1)})
    assert not book.skill("room", 120).shown
    weeks = _weeks(2, 5)
    assert list(_run(weeks, 1.0 - weeks.truth, PRIORS))[-1].reason is SkillReason.WORSE_THAN_BASELINE


def test_what_is_scored_when() -> None:
    """Score one forecast a quarter of an hour, in its time, by a state that is known, and no other."""
    book, rules = SkillBook({}), {"same": 0.5}
    assert book.note("room", 15, T0, 0.9, rules)
    assert not book.note("room", 15, T0 + 60, 0.9, rules)
    assert not book.settle("room", T0 + 899, occupied=True)
    assert not book.settle("hall", T0 + 900, occupied=True)
    assert book.settle("room", T0 + 930, occupied=True)
    assert book.skill("room", 15).brier == pytest.approx(0.01)
    book.note("room", 15, T0 + 900, 0.9, rules)
    assert book.settle("room", T0 + 1800, occupied=None)
    book.note("room", 15, T0 + 1800, 0.9, rules)
    assert book.settle("room", T0 + 9000, occupied=True)
    assert book.skill("room", 15).count == 1
    book.note("room", 15, T0 + 9000, 0.9, {"other": 0.5})
    book.settle("room", T0 + 9900, occupied=False)
    assert book.skill("room", 15).baseline == "other"
    assert book.skill("room", 15).brier == pytest.approx(0.81)


def test_clock_set_back_drops_what_was_told_ahead() -> None:
    """Drop forecasts that were made after now, and bound what waits."""
    book = SkillBook({})
    book.note("room", 60, T0, 0.5, {"same": 0.5})
    assert book.settle("room", T0 - 3600, occupied=True)
    assert book.note("room", 60, T0 - 3600, 0.5, {"same": 0.5})
    for slot in range(50):
        book.note("room", 60, T0 + slot * SLOT, 0.5, {"same": 0.5})
    assert len(book.to_json()["notes"]["room"]["60"]) == 6


def test_json_round_trip_and_forgetting() -> None:
    """Read back what was kept, and keep nothing of a room that is forgotten."""
    weeks = _weeks(3, 3)
    book = SkillBook(PRIORS)
    for slot, occupied in enumerate(weeks.states.tolist()):
        book.settle("room", T0 + slot * SLOT, occupied)
        book.note("room", 60, T0 + slot * SLOT, 0.5, {"same": 0.25})
    again = SkillBook.from_json(json.loads(json.dumps(book.to_json())), PRIORS)
    assert again.to_json() == book.to_json()
    assert again.skill("room", 60) == book.skill("room", 60)
    again.forget("room")
    assert again.rooms == frozenset()


def _kept(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Return kept scores that were changed."""
    data: dict[str, Any] = {
        "version": 1,
        "notes": {"room": {"60": [[T0, 0.5, {"same": 0.5}]]}},
        "tallies": {"room": {"60": [True, T0, 2.0, 0.5, {"same": 0.5}]}},
    }
    change(data)
    return data


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(version=2),
        lambda data: data.pop("notes"),
        lambda data: data.update(tallies=[]),
        lambda data: data["notes"]["room"].update({"0": []}),
        lambda data: data["notes"]["room"].update({"x": []}),
        lambda data: data["notes"].update(room={str(minutes): [] for minutes in range(1, 20)}),
        lambda data: data["notes"]["room"].update({"60": [[T0, 1.5, {"same": 0.5}]]}),
        lambda data: data["notes"]["room"].update({"60": [[T0, 0.5, {}]]}),
        lambda data: data["notes"]["room"].update({"60": [[float("nan"), 0.5, {"same": 0.5}]]}),
        lambda data: data["notes"]["room"].update({"60": [["now", 0.5, {"same": 0.5}]]}),
        lambda data: data["tallies"]["room"].update({"60": [1, T0, 2.0, 0.5, {"same": 0.5}]}),
        lambda data: data["tallies"]["room"].update({"60": [True, T0, 2.0, 3.0, {"same": 0.5}]}),
        lambda data: data["tallies"]["room"].update({"60": [True, T0, 2.0, 0.5, {}]}),
        lambda data: data["tallies"]["room"].update({"60": [True, T0, True, 0.5, {"same": 0.5}]}),
    ],
)
def test_untrusted_scores(change: Callable[[dict[str, Any]], None]) -> None:
    """Refuse what no book keeps, with a sentence."""
    SkillBook.from_json(_kept(lambda _: None), {})
    with pytest.raises(SkillError, match=r"^\D.{20}"):
        SkillBook.from_json(_kept(change), {})


def test_bad_calls() -> None:
    """Refuse forecasts and priors that cannot be scored."""
    book = SkillBook({})
    for horizon, chance, rules in ((0, 0.5, {"same": 0.5}), (30, 1.5, {"same": 0.5}), (30, 0.5, {})):
        with pytest.raises(SkillError):
            book.note("room", horizon, T0, chance, rules)
    with pytest.raises(SkillError):
        HorizonPrior(brier=0.1, baseline_brier=0.0)
