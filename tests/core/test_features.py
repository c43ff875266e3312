"""Each channel on hand-made cases with a known answer."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.inkling.core.features import (
    CHANNELS,
    HOME_CHANNELS,
    ROOM_CHANNELS,
    build,
    grid_tracks,
    is_known_now,
    lead,
    recency,
    room_view,
)
from custom_components.inkling.core.units import ROLE_SPECS, Kind, Role
from custom_components.inkling.core.window import Track
from tests.core.builders import NAN, T0, track

_STEPS = 4
_DAY = 86_400.0


def _channels(tracks: list[Track], room: str = "kitchen", end: float = 0.0) -> dict[str, NDArray[np.float32]]:
    """Return every channel of a room by name, shape (steps,), of the four minutes before an end."""
    grids = grid_tracks(tracks, np.array([T0 + end]), _STEPS, 60.0)
    edges = grids[0].edges
    out = build(room_view(room, grids), CHANNELS, edges)[0]
    return {name: out[:, position] for position, name in enumerate(CHANNELS)}


def _age(seconds: float) -> float:
    """Return the recency of an age."""
    return 1.0 - math.log1p(min(seconds, _DAY) / 30.0) / math.log1p(_DAY / 30.0)


def test_names_are_unique_and_split() -> None:
    """Name every channel once, as scope, subject and kind; each role but a person's has some in the room."""
    assert len(set(CHANNELS)) == len(CHANNELS)
    assert all(len(name.split(".")) == 3 for name in CHANNELS)
    assert {name.split(".")[1] for name in ROOM_CHANNELS} == set(Role) - {Role.PERSON}


def test_recency() -> None:
    """Fall from 1 to 0 in a day, by half in about 27 minutes."""
    ages = np.array([-5.0, 0.0, 27 * 60.0, _DAY, 2 * _DAY, np.inf])
    assert recency(ages).tolist() == pytest.approx([1.0, 1.0, 0.5, 0.0, 0.0, 0.0], abs=0.01)
    assert recency(np.array([600.0]))[0] == pytest.approx(_age(600.0))


def test_lead() -> None:
    """Tell who acted last, by how much, and neither."""
    ours = np.array([0.0, 600.0, -np.inf, 0.0, -np.inf])
    theirs = np.array([600.0, 0.0, -np.inf, -np.inf, 0.0])
    ahead = 1.0 - _age(600.0)
    assert lead(ours, theirs).tolist() == pytest.approx([-ahead, ahead, 0.0, 1.0, -1.0])


def test_nothing_known() -> None:
    """Give zeros for every channel of a room whose one signal never spoke."""
    found = _channels([track(Role.MOTION, [])])
    assert not any(values.any() for values in found.values())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PERSON])
def test_missing_roles_are_zero(role: Role) -> None:
    """Touch no channel of a role that the room does not have."""
    value = 1.0 if ROLE_SPECS[role].kind is not Kind.NUMERIC else 50.0 if role is not Role.CO2 else 700.0
    found = _channels([track(role, [(-3600, 0.0 if value == 1.0 else value), (-30, value)])])
    mine = f"room.{role}."
    assert all(not values.any() for name, values in found.items() if not name.startswith(mine))
    assert found[f"room.{role}.known"].tolist() == [1.0] * _STEPS


def test_motion() -> None:
    """Give the share of each step in motion, and how long ago it ended."""
    found = _channels([track(Role.MOTION, [(-600, 0.0), (-150, 1.0), (-90, 0.0)])])
    assert found["room.motion.mean"].tolist() == pytest.approx([0.0, 0.5, 0.5, 0.0])
    assert found["room.motion.known"].tolist() == [1.0] * _STEPS
    assert found["room.motion.recency"].tolist() == pytest.approx([0.0, 1.0, _age(30.0), _age(90.0)])


def test_motion_that_lasts() -> None:
    """Take motion that lasts, and motion that begins at the very end, for now."""
    for seconds in (-200, 0):
        found = _channels([track(Role.MOTION, [(-600, 0.0), (seconds, 1.0)])])
        assert found["room.motion.recency"][-1] == 1.0


def test_motion_that_became_unavailable() -> None:
    """Let activity end where the sensor went missing, and know nothing after."""
    found = _channels([track(Role.MOTION, [(-600, 1.0), (-120, NAN)])])
    assert found["room.motion.mean"].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert found["room.motion.known"].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert found["room.motion.recency"].tolist() == pytest.approx([1.0, 1.0, _age(60.0), _age(120.0)])


def test_activity_before_the_readings() -> None:
    """Count activity that only `active_before` knows of."""
    found = _channels([track(Role.PRESENCE, [(-60, 0.0)], active_before=T0 - 600)])
    assert found["room.presence.recency"].tolist() == pytest.approx([_age(420), _age(480), _age(540), _age(600)])


def test_door_counts_changes() -> None:
    """Take both opening and closing for a door's event, standing open for none."""
    found = _channels([track(Role.DOOR, [(-4000, 0.0), (-150, 1.0)])])
    assert found["room.door.mean"].tolist() == pytest.approx([0.0, 0.5, 1.0, 1.0])
    assert found["room.door.recency"].tolist() == pytest.approx([0.0, _age(30.0), _age(90.0), _age(150.0)])


def test_door_changed_before_the_readings() -> None:
    """Count changes that only what outlived the ring knows of."""
    found = _channels([track(Role.DOOR, [(-60, 1.0)], changed_before=T0 - 600, value_before=1.0)])
    assert found["room.door.recency"][-1] == pytest.approx(_age(600.0))
    found = _channels([track(Role.DOOR, [(-60, 1.0)], changed_before=T0 - 600, value_before=0.0)])
    assert found["room.door.recency"].tolist() == pytest.approx([_age(420), _age(480), 1.0, _age(60)])


@pytest.mark.parametrize("role", [Role.WINDOW, Role.LIGHT, Role.MEDIA])
def test_plain_binary(role: Role) -> None:
    """Give the share of each step that is on, and no recency."""
    found = _channels([track(role, [(-300, 0.0), (-90, 1.0)])])
    assert found[f"room.{role}.mean"].tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0])
    assert f"room.{role}.recency" not in found


@pytest.mark.parametrize(
    ("role", "value", "expected"),
    [
        (Role.POWER, 9999.0, 1.0),
        (Role.POWER, -50.0, 0.0),
        (Role.ILLUMINANCE, 99.0, 0.5),
        (Role.CO2, 900.0, 0.5),
        (Role.CO2, 20_000.0, 3.0),
        (Role.TEMPERATURE, 25.0, 0.5),
        (Role.TEMPERATURE, -50.0, -3.0),
        (Role.HUMIDITY, 60.0, 0.5),
        (Role.SOUND, 60.0, 0.5),
    ],
)
def test_scales(role: Role, value: float, expected: float) -> None:
    """Scale each quantity near 1."""
    found = _channels([track(role, [(-300, value)])])
    assert found[f"room.{role}.mean"].tolist() == pytest.approx([expected] * _STEPS)
    assert found[f"room.{role}.rise"].tolist() == pytest.approx([0.0] * _STEPS, abs=1e-5)


def test_rise() -> None:
    """Give each step's level above the window's known mean, and 0 where nothing is known."""
    found = _channels([track(Role.CO2, [(-180, 500.0), (-120, 600.0), (-60, 700.0)])])
    assert found["room.co2.mean"].tolist() == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert found["room.co2.known"].tolist() == [0.0, 1.0, 1.0, 1.0]
    assert found["room.co2.rise"].tolist() == pytest.approx([0.0, -1.0, 0.0, 1.0], abs=1e-5)


def test_slow_sensor_runs_out() -> None:
    """Know nothing of a microphone that was silent for longer than its gap."""
    found = _channels([track(Role.SOUND, [(-3600 - 120, 40.0)])])
    assert found["room.sound.known"].tolist() == [1.0, 1.0, 0.0, 0.0]


def test_generic_is_known_and_recent_only() -> None:
    """Take of a generic signal only that it changed: its values mean nothing elsewhere."""
    found = _channels([track(Role.GENERIC, [(-500, 3.0), (-100, 1e9), (-30, 1e9)])])
    assert found["room.generic.recency"].tolist() == pytest.approx([0.0, 0.0, _age(40.0), _age(100.0)])
    assert "room.generic.mean" not in found


def test_join_of_events() -> None:
    """Take the strongest of several sensors of events, their best knowledge and their newest moment."""
    one = track(Role.MOTION, [(-600, 0.0), (-60, 1.0)], name="one")
    two = track(Role.MOTION, [(-240, 1.0), (-180, 0.0), (-120, NAN)], name="two")
    found = _channels([one, two])
    assert found["room.motion.mean"].tolist() == [1.0, 0.0, 0.0, 1.0]
    assert found["room.motion.known"].tolist() == [1.0] * _STEPS
    assert found["room.motion.recency"].tolist() == pytest.approx([1.0, _age(60.0), 1.0, 1.0])


def test_join_of_air() -> None:
    """Take the mean of several thermometers, each as far as it is known."""
    one = track(Role.TEMPERATURE, [(-600, 20.0)], name="one")
    two = track(Role.TEMPERATURE, [(-600, 30.0), (-120, NAN)], name="two")
    assert _channels([one, two])["room.temperature.mean"].tolist() == pytest.approx([0.5, 0.5, 0.0, 0.0])


def test_join_ignores_the_dead() -> None:
    """Let a dead microphone, or one that never spoke, change nothing of what the other hears."""
    quiet = track(Role.SOUND, [(-600, 30.0)], name="quiet")
    dead = track(Role.SOUND, [(-600, 90.0), (-500, NAN)], name="dead")
    silent = track(Role.SOUND, [], name="silent")
    alone = _channels([quiet])
    together = _channels([quiet, dead, silent])
    assert alone["room.sound.mean"].tolist() == pytest.approx([-0.25] * _STEPS)
    for name, values in alone.items():
        assert together[name].tolist() == values.tolist()


def test_elsewhere() -> None:
    """Take movement anywhere but in the room, and nothing else from elsewhere."""
    tracks = [
        track(Role.MOTION, [(-900, 0.0)]),
        track(Role.MOTION, [(-900, 0.0), (-150, 1.0), (-120, 0.0)], room="hall"),
        track(Role.VIBRATION, [(-900, 0.0), (-30, 1.0)], room="bath"),
        track(Role.MOTION, [(-900, 0.0)], room=None),
        track(Role.LIGHT, [(-900, 1.0)], room="hall"),
    ]
    found = _channels(tracks)
    assert found["elsewhere.activity.mean"].tolist() == pytest.approx([0.0, 0.5, 0.0, 0.5])
    assert found["elsewhere.activity.known"].tolist() == [1.0] * _STEPS
    assert found["elsewhere.activity.recency"].tolist() == pytest.approx([0.0, 1.0, _age(60.0), 1.0])
    assert not found["room.light.known"].any()
    assert not _channels(tracks, room="hall")["elsewhere.activity.mean"][:2].any()


def test_sleeper() -> None:
    """See a sleeper: last movement in this room hours ago, none elsewhere since, exit door quiet since."""
    home = [
        track(Role.MOTION, [(-9 * 3600, 1.0), (-8 * 3600, 0.0)], room="bedroom"),
        track(Role.MOTION, [(-9 * 3600, 0.0), (-9 * 3600 + 60, 1.0), (-9 * 3600 + 90, 0.0)], room="hall"),
        track(Role.DOOR, [(-20 * 3600, 0.0), (-12 * 3600, 1.0), (-12 * 3600 + 10, 0.0)], room=None),
    ]
    bedroom, hall = _channels(home, "bedroom"), _channels(home, "hall")
    assert bedroom["room.motion.recency"][-1] < 0.3
    since = 1.0 - _age(3600.0 - 90.0)
    assert bedroom["room.lead.recency"].tolist() == pytest.approx([since] * _STEPS)
    assert hall["room.lead.recency"].tolist() == pytest.approx([-since] * _STEPS)
    assert bedroom["room.exit_lead.recency"][-1] == pytest.approx(1.0 - _age(4 * 3600.0 - 10.0))
    assert bedroom["home.exit_lead.recency"][-1] == bedroom["room.exit_lead.recency"][-1]


def test_left_home() -> None:
    """See somebody leave: the exit door moved after the last movement anywhere."""
    home = [
        track(Role.MOTION, [(-4000, 1.0), (-3600, 0.0)], room="kitchen"),
        track(Role.MOTION, [(-4000, 0.0), (-3500, 1.0), (-3400, 0.0)], room="hall"),
        track(Role.DOOR, [(-9000, 0.0), (-3390, 1.0)], room=None),
    ]
    found = _channels(home)
    assert found["room.exit_lead.recency"][-1] == pytest.approx(-(1.0 - _age(210.0)))
    assert found["home.exit_lead.recency"][-1] == pytest.approx(-(1.0 - _age(10.0)))
    assert found["home.door.recency"][-1] == pytest.approx(_age(3390.0))
    assert found["home.door.known"].tolist() == [1.0] * _STEPS


def test_leads_without_a_rival() -> None:
    """Say nothing about who acted last where there is nobody to compare with."""
    found = _channels([track(Role.MOTION, [(-600, 1.0)]), track(Role.PERSON, [(-600, 1.0)], room=None)])
    assert not any(found[name].any() for name in HOME_CHANNELS if "lead" in name)


def test_lead_of_a_room_that_senses_no_movement() -> None:
    """Take a room without movement of its own for one where nobody moved."""
    found = _channels([track(Role.LIGHT, [(-600, 1.0)]), track(Role.MOTION, [(-600, 1.0)], room="hall")])
    assert found["room.lead.recency"].tolist() == [-1.0] * _STEPS


def test_persons() -> None:
    """Take the share of the known persons who are at home."""
    tracks = [
        track(Role.LIGHT, [(-600, 1.0)]),
        track(Role.PERSON, [(-600, 1.0)], room=None, name="ann"),
        track(Role.PERSON, [(-600, 1.0), (-120, 0.0)], room=None, name="bob"),
        track(Role.PERSON, [(-600, 0.0), (-60, NAN)], room=None, name="eve"),
    ]
    found = _channels(tracks)
    assert found["home.person.mean"].tolist() == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1 / 2])
    assert found["home.person.known"].tolist() == [1.0] * _STEPS


def test_is_known_now() -> None:
    """Tell whether the newest reading stands: from the moment it comes to the moment it goes."""
    item = track(Role.MOTION, [(0, 1.0), (10, NAN), (20, 0.0)])
    (grid,) = grid_tracks([item], np.array([-1.0, 0.0, 9.9, 10.0, 15.0, 20.0, 1e6]) + T0, 2, 60.0)
    assert is_known_now(grid).tolist() == [False, True, True, False, False, True, True]


def test_unknown_channel() -> None:
    """Refuse a channel that does not exist."""
    grids = grid_tracks([track(Role.MOTION, [(0, 1.0)])], np.array([T0]), 2, 60.0)
    with pytest.raises(ValueError, match="banana"):
        build(room_view("kitchen", grids), ["room.banana.mean"], grids[0].edges)
