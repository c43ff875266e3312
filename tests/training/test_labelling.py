"""Labels a machine makes: right about homes whose truth is known, and never part of a score."""

from __future__ import annotations

from dataclasses import replace
import json
from pathlib import Path

import numpy as np
import pytest

from custom_components.inkling.core.units import ACTIVITY_ROLES, Role
from training.__main__ import main
from training.away import END_MARGIN_SECONDS, START_MARGIN_SECONDS, away_labels
from training.hindsight import hindsight_labels, posterior
from training.labelling import real_labels, training_labels
from training.labels import occupancy_at, scoring_instants
from training.simulate import simulate_home
from training.splits import simulated_tests
from training.trace import OCCUPIED, VACANT, LabelSpan, Readings, RoomInfo, SignalInfo, Trace, read_trace, write_trace

START = 1_704_067_200.0
HOUR = 3600.0
Events = list[tuple[float, str]]


def home(*signals: tuple[str, Role, str, Events], labels: tuple[LabelSpan, ...] = ()) -> Trace:
    """Return a trace of two rooms from hours and states."""
    return Trace(
        name="home",
        source="test",
        licence="MIT",
        timezone="UTC",
        rooms=(RoomInfo("den", "Den"), RoomInfo("hall", "Hall")),
        signals=tuple(SignalInfo(name, role, "", room) for name, role, room, _ in signals),
        readings={
            name: Readings(np.array([START + hour * HOUR for hour, _ in events]), tuple(state for _, state in events))
            for name, _, _, events in signals
        },
        labels=labels,
    )


def moving(*hours: float) -> Events:
    """Return a motion sensor's states: half a minute on at each of these hours, off from the start."""
    return [(0.0, "off"), *((at, state) for hour in hours for at, state in ((hour, "on"), (hour + 0.008, "off")))]


PEOPLE = (
    ("ada", Role.PERSON, "", [(0.0, "home"), (8.0, "not_home"), (17.0, "home")]),
    ("bob", Role.PERSON, "", [(0.0, "home"), (9.0, "Work"), (12.0, "unavailable"), (13.0, "Work"), (18.0, "home")]),
)


def test_a_home_is_empty_while_everybody_is_known_to_be_away() -> None:
    """Take the margins off, and call nothing empty while one person's place is unknown."""
    found = [((span.start - START), (span.end - START), span.target, span.label) for span in away_labels(home(*PEOPLE))]
    assert found == [
        (9 * HOUR + START_MARGIN_SECONDS, 12 * HOUR - END_MARGIN_SECONDS, "home", VACANT),
        (13 * HOUR + START_MARGIN_SECONDS, 17 * HOUR - END_MARGIN_SECONDS, "home", VACANT),
    ]


def test_who_comes_without_a_phone_ends_a_certain_absence() -> None:
    """Begin with the door somebody left through, and end the span at its next opening."""
    door = ("door", Role.DOOR, "", [(0.0, "off"), (8.9, "on"), (8.91, "off"), (14.0, "on"), (14.01, "off")])
    (found,) = away_labels(home(*PEOPLE, door))
    assert found.start == START + 9 * HOUR + START_MARGIN_SECONDS
    late = ("door", Role.DOOR, "", [(0.0, "off"), (12.9, "on"), (12.91, "off"), (14.0, "on"), (14.01, "off")])
    (found,) = away_labels(home(*PEOPLE, late))
    assert found.end == START + 14 * HOUR - START_MARGIN_SECONDS


def test_a_home_that_moves_is_not_empty() -> None:
    """Believe no phone against sensors that see somebody for a tenth of the time, but let a pet pass."""
    guest = ("m", Role.MOTION, "den", moving(*(9.1 + 0.15 * index for index in range(60))))
    pet = ("m", Role.MOTION, "den", moving(10.0, 11.0, 14.0))
    assert away_labels(home(*PEOPLE, guest)) == []
    assert len(away_labels(home(*PEOPLE, pet))) == 2


def test_nothing_is_certain_without_people() -> None:
    """Make no labels without persons, with one who never reported, and of minutes at the corner shop."""
    motion = ("m", Role.MOTION, "den", moving(1.0))
    short = ("ada", Role.PERSON, "", [(0.0, "home"), (8.0, "not_home"), (8.2, "home"), (20.0, "home")])
    assert away_labels(home(motion)) == []
    assert away_labels(home(*PEOPLE, ("eve", Role.PERSON, "", []))) == []
    assert away_labels(home(motion, short)) == []


def test_hindsight_tells_a_sleeper_from_an_empty_room() -> None:
    """Know by the next movement who stayed through six silent hours: here in one night, elsewhere in the other."""
    hall = ("h", Role.MOTION, "hall", moving(0.9, 7.2, 7.3, 7.4))
    stayed = home(("d", Role.MOTION, "den", moving(1.0, 1.02, 1.04, 1.06, 7.0, 7.05)), hall)
    left_hall = ("h", Role.MOTION, "hall", moving(0.9, 1.1, 1.15, 1.2, 7.2, 7.3))
    left = home(("d", Role.MOTION, "den", moving(1.0, 1.02, 9.0)), left_hall)
    night = np.array([START + 4 * HOUR])
    assert occupancy_at(hindsight_labels(stayed, certain=0.7), "den", night)[0] == 1.0
    assert occupancy_at(hindsight_labels(left, certain=0.7), "den", night)[0] == 0.0


def test_hindsight_is_as_good_as_it_is_said_to_be() -> None:
    """Be right about simulated homes of unseen seeds wherever it is certain, and certain more than half the time."""
    right = count = total = 0
    for trace in simulated_tests(range(9_000, 9_003), 3):
        labels = hindsight_labels(trace)
        for room in trace.rooms:
            ends = scoring_instants(trace.labels, room.id, 300.0)
            truths, said = occupancy_at(trace.labels, room.id, ends), occupancy_at(labels, room.id, ends)
            known = ~np.isnan(said)
            right += int(np.sum(truths[known] == said[known]))
            count, total = count + int(known.sum()), total + len(ends)
        assert hindsight_labels(trace) == labels
    assert right / count > 0.87
    assert count / total > 0.4


def test_forward_backward_agrees_with_summing_over_every_path() -> None:
    """Compare four steps with the sum over all sixteen histories."""
    rng = np.random.default_rng(5)
    come, leave, occupied, vacant = rng.uniform(0.05, 0.95, (4, 4, 1))
    chances = np.zeros((4, 2))
    for path in np.ndindex(2, 2, 2, 2):
        weight, before = 1.0, None
        for step, state in enumerate(path):
            moves = (1.0 - come[step, 0], come[step, 0]) if before == 0 else (leave[step, 0], 1.0 - leave[step, 0])
            prior = 0.5 * (1.0 - leave[step, 0]) + 0.5 * come[step, 0]
            moves = (1.0 - prior, prior) if before is None else moves
            weight *= moves[state] * (occupied[step, 0] if state else vacant[step, 0])
            before = state
        for step, state in enumerate(path):
            chances[step, state] += weight
    wanted = chances[:, 1] / chances.sum(axis=1)
    np.testing.assert_allclose(posterior(come, leave, occupied, vacant)[:, 0], wanted, atol=1e-12)


def test_peoples_labels_win_and_hindsight_fills_up(tmp_path: Path) -> None:
    """Prefer an annotation to absence, absence to the smoother, and leave the smoother out unless it is asked for."""
    motion = ("d", Role.MOTION, "den", moving(0.5, 1.0, 1.02, 20.0))
    mine = LabelSpan(START + 10 * HOUR, START + 10.5 * HOUR, "den", OCCUPIED)
    trace = home(*PEOPLE, motion, labels=(mine, LabelSpan(START, START + HOUR, "d", "normal")))
    instants = START + HOUR * np.array([10.2, 11.0, 19.0])
    real = occupancy_at(real_labels(tmp_path, trace).labels, "den", instants)
    assert real[:2].tolist() == [1.0, 0.0]
    assert np.isnan(real[2])
    assert training_labels(tmp_path, trace, "annotation") == real_labels(tmp_path, trace)
    filled = occupancy_at(training_labels(tmp_path, trace, "hindsight").labels, "den", instants)
    assert filled[:2].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("how", ["away", "hindsight"])
def test_evaluate_never_scores_what_a_machine_labelled(how: str, tmp_path: Path) -> None:
    """Write machine labels, and see a score that does not move by a digit; without real ones there is none."""
    trace = simulate_home(77, 1)
    signals = (*trace.signals, SignalInfo("visitor", Role.PERSON))
    there = float(min(item.times[0] for item in trace.readings.values()))
    visitor = Readings(there + HOUR * np.array([0.0, 2.0, 20.0]), ("home", "not_home", "home"))
    people = {info.id for info in trace.signals if info.role is Role.PERSON}
    # Everybody leaves after two hours, and nothing moves any more.
    readings = {"visitor": visitor}
    for info in trace.signals:
        item, cut = trace.readings[info.id], int(np.sum(trace.readings[info.id].times < there + 2 * HOUR))
        times, states = item.times[:cut], item.states[:cut]
        if info.role in ACTIVITY_ROLES:
            times, states = np.append(times, there + 2 * HOUR), (*states, "off")
        readings |= {info.id: Readings(times, states)} if info.id not in people else {}
    outside = {info.id for info in trace.signals if info.role is Role.DOOR and not info.room}
    kept = tuple(info for info in signals if info.id not in people | outside)
    own = [span for span in trace.labels if span.start < there + 6 * HOUR]
    write_trace(replace(trace, signals=kept, readings=readings, labels=tuple(own)), tmp_path)
    figures = tmp_path / "before.json", tmp_path / "after.json"
    arguments = ["evaluate", "--trace", str(tmp_path), "--every", "600", "--json"]
    assert main([*arguments, str(figures[0])]) == 0
    assert main(["label", "--trace", str(tmp_path), "--how", how]) == 0
    assert (tmp_path / f"labels.{how}.csv").read_text(encoding="utf-8").startswith("start,end,target,label\n")
    assert [(span.target, span.label) for span in read_trace(tmp_path).labels] == [(s.target, s.label) for s in own]
    assert main([*arguments, str(figures[1])]) == 0
    assert json.loads(figures[0].read_text()) == json.loads(figures[1].read_text())
    (tmp_path / "labels.csv").unlink()
    assert main([*arguments, str(figures[1])]) == 2


@pytest.mark.parametrize(("how", "said"), [("away", "persons"), ("hindsight", "motion or presence sensor")])
def test_a_home_that_gives_no_labels_is_told_why(
    how: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Say what is lacking."""
    write_trace(home(("t", Role.TEMPERATURE, "den", [(0.0, "20"), (1.0, "21")])), tmp_path)
    assert main(["label", "--trace", str(tmp_path), "--how", how]) == 2
    assert said in capsys.readouterr().err
