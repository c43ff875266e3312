"""Every released version's entry and files are taken over: nothing learned is lost, no entity changes its name."""

from collections.abc import Iterator
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, RegistryEntryWithDefaults, mock_registry

from custom_components.inkling import appliance_watch, fault_learned
from custom_components.inkling.config_flow import InklingConfigFlow
from custom_components.inkling.const import DOMAIN

from .conftest import issue_ids, set_up

pytestmark = pytest.mark.usefixtures("hand_loaded")
# Before the first release what is usual for a sensor was kept in another form: it is learned anew from the recorder.
LEARNED_ANEW = {"0.1.0-before"}
RELEASES = sorted(path for path in (Path(__file__).parent / "released").iterdir() if path.is_dir())


def read(folder: Path, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return a file's content."""
    return json.loads((folder / name).read_text(encoding="utf-8"))


def sources(folder: Path) -> Iterator[tuple[str, RegistryEntryWithDefaults]]:
    """Yield the sensors that were read, with the registry's ids of then."""
    for item in read(folder, "sources.json"):
        known = {key: item[key] for key in ("entity_id", "id", "unique_id", "area_id")}
        described = {key: item[key] for key in ("original_device_class", "unit_of_measurement")}
        yield item["entity_id"], RegistryEntryWithDefaults(platform="test", **known, **described)


@pytest.fixture(params=RELEASES, ids=lambda path: path.name)
def release(request: pytest.FixtureRequest) -> Path:
    """Return each version's folder in turn."""
    found: Path = request.param
    return found


@pytest.fixture
def released(
    hass: HomeAssistant,
    release: Path,
    hass_storage: dict[str, Any],
    learned_folder: Path,
    freezer: FrozenDateTimeFactory,
) -> Iterator[MockConfigEntry]:
    """Return the home as that version left it, not set up yet."""
    stored = read(release, "entry.json")
    mock_registry(hass, dict(sources(release)))
    for name in ("Office", "Kitchen", "Cellar"):
        ar.async_get(hass).async_create(name)
    for path in release.glob("*.json"):
        content = read(release, path.name)
        if "key" in content:
            hass_storage[content["key"]] = content
    learned_folder.mkdir()
    for name in ("learned", "watch", "appliances"):
        if not (release / name).exists():
            continue
        (learned_folder / f"{DOMAIN}.{stored['entry_id']}.{name}").write_bytes((release / name).read_bytes())
    freezer.move_to(dt_util.utc_from_timestamp(read(release, "notes.json")["data"]["saved_at"] + 60.0))
    for item in read(release, "sources.json"):
        unit = item["unit_of_measurement"]
        state = "5" if unit else "off"
        hass.states.async_set(item["entity_id"], state, {} if unit is None else {"unit_of_measurement": unit})
    subentries: list[Any] = [{**item, "data": MappingProxyType(item["data"])} for item in stored["subentries"]]
    names = ("version", "minor_version", "entry_id", "data", "options")
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Inkling",
        subentries_data=subentries,
        **{name: stored[name] for name in names if name in stored},
    )
    entry.add_to_hass(hass)
    with (
        patch.object(fault_learned, "STORAGE_DIR", str(learned_folder)),
        patch.object(appliance_watch, "STORAGE_DIR", str(learned_folder)),
    ):
        yield entry


async def test_everything_learned_is_taken_over(
    hass: HomeAssistant, release: Path, released: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Keep the rooms' past, their decisions, what is snoozed and what is usual; complain of nothing."""
    await set_up(hass, released)
    assert released.state is ConfigEntryState.LOADED
    runtime = released.runtime_data
    now = dt_util.utcnow().timestamp()
    for room, known in read(release, "known.json").items():
        shares = runtime.forecasting.store.histories[room].view(now).shares
        assert np.isfinite(shares).sum() >= known, room
    notes = read(release, "notes.json")["data"]
    assert runtime.faults.notes.snoozed == notes["snoozed"]
    assert runtime.faults.notes.mode == notes["mode"]
    assert len(runtime.labelling.labels) == (release / "labels.json").exists()
    is_anew = release.name in LEARNED_ANEW
    assert np.isfinite(runtime.faults.learned._watch.bank.hour_mean).any() is np.bool_(not is_anew)
    assert caplog.text.count("Faults are judged without what was learned") == is_anew
    assert issue_ids(hass) == set()
    assert "damaged" not in caplog.text


async def test_entities_keep_their_names(hass: HomeAssistant, release: Path, released: MockConfigEntry) -> None:
    """Have each entity of then under the unique id of then, and give a new one the id that it had."""
    await set_up(hass, released)
    now = {
        entity.unique_id: entity for entity in er.async_entries_for_config_entry(er.async_get(hass), released.entry_id)
    }
    for unique_id, then in read(release, "entities.json").items():
        assert unique_id in now, f"{then['entity_id']} is gone: its automations would break"
        assert now[unique_id].domain == then["domain"]
        # A device of another integration lends its name, and the registry of this test has none.
        if "fridge" not in then["entity_id"]:
            assert now[unique_id].entity_id == then["entity_id"]


async def test_predictions_are_no_settings(hass: HomeAssistant, released: MockConfigEntry) -> None:
    """Leave predictions without a category: triggers and voice skip entities that have one."""
    await set_up(hass, released)
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, released.entry_id):
        if entity.unique_id.endswith(("_occupancy", "_probability", "_fault_event", "_fault")):
            assert entity.entity_category is None
        assert entity.entity_category in (None, EntityCategory.DIAGNOSTIC, EntityCategory.CONFIG)


async def test_an_entry_of_a_later_version_is_refused(hass: HomeAssistant, released: MockConfigEntry) -> None:
    """Leave an entry alone that a later version made."""
    hass.config_entries.async_update_entry(released, version=InklingConfigFlow.VERSION + 1)
    assert not await hass.config_entries.async_setup(released.entry_id)
    assert released.state is ConfigEntryState.MIGRATION_ERROR
