"""The blueprints as files: what Home Assistant accepts, what a person reads, and where an import finds them."""

import json
from pathlib import Path
import re
from typing import Any

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.importer import _get_github_import_url
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.core import HomeAssistant
from homeassistant.util import yaml as yaml_util
import pytest

from tests.architecture.sources import COMPONENT, ROOT

from .blueprints import BLUEPRINTS, NEXT, OCCUPANCY, automate, end, install

NAMES = ("away", "light", "preheat", "ventilate", "fault_to_phone", "ask_when_unsure")
NEEDED: dict[str, dict[str, Any]] = {
    "away": {"home": OCCUPANCY, "people": ["person.anna"], "sensors": ["binary_sensor.office_motion"]},
    "light": {"occupancy": OCCUPANCY, "lights": ["light.office"]},
    "preheat": {"thermostat": "climate.office", "occupancy": OCCUPANCY, "next_occupied": NEXT},
    "ask_when_unsure": {"probabilities": ["sensor.office_occupancy_probability"], "phone": "phone"},
    "fault_to_phone": {"faults": ["event.fridge_fault"], "phone": "phone"},
    "ventilate": {"fan": "fan.office", "occupancy": OCCUPANCY, "next_occupied": NEXT},
}
DOCS = (ROOT / "docs" / "automations.md").read_text(encoding="utf-8")


def blueprint_of(name: str) -> Blueprint:
    """Return a blueprint as Home Assistant reads and checks it."""
    data = yaml_util.load_yaml_dict(str(BLUEPRINTS / f"{name}.yaml"))
    path = f"inkling/{name}.yaml"
    return Blueprint(data, path=path, expected_domain="automation", schema=AUTOMATION_BLUEPRINT_SCHEMA)


def inputs_of(name: str) -> dict[str, dict[str, Any]]:
    """Return a blueprint's inputs out of their sections."""
    return dict(blueprint_of(name).inputs)


@pytest.mark.parametrize("name", NAMES)
def test_is_complete(name: str) -> None:
    """Pass Home Assistant's schema, say for which version it is, and use exactly the inputs that are asked for."""
    blueprint = blueprint_of(name)
    BLUEPRINT_SCHEMA(blueprint.data)
    metadata = blueprint.metadata
    hacs = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
    assert metadata["homeassistant"]["min_version"] == hacs["homeassistant"]
    assert blueprint.validate() is None
    assert metadata["author"]
    assert len(metadata["description"]) > 200
    text = (BLUEPRINTS / f"{name}.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"!input (\w+)", text)) == set(blueprint.inputs)


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_explained(name: str) -> None:
    """Give each input a name, a selector and a line in the documentation, and a default unless it is an entity."""
    for key, spec in inputs_of(name).items():
        assert spec["name"], key
        assert spec["selector"], key
        assert f"| {spec['name']} |" in DOCS, key
        assert ("default" in spec) == (key not in NEEDED[name]), key


@pytest.mark.parametrize("name", NAMES)
def test_entities_are_filtered(name: str) -> None:
    """Offer only entities that fit, and Inkling's own where only those do."""
    inputs = inputs_of(name)
    entities = {key: spec["selector"]["entity"] for key, spec in inputs.items() if "entity" in spec["selector"]}
    assert all(spec["filter"] for spec in entities.values())
    ours = {"home", "occupancy", "next_occupied", "faults", "probabilities"} & set(inputs)
    assert {key for key, spec in entities.items() if spec["filter"][0].get("integration") == "inkling"} == ours != set()


@pytest.mark.parametrize("name", NAMES)
def test_import_button(name: str) -> None:
    """Import from the repository that the integration names, where the file is."""
    repository = json.loads((COMPONENT / "manifest.json").read_text(encoding="utf-8"))["documentation"]
    url = f"{repository}/blob/main/blueprints/automation/inkling/{name}.yaml"
    assert blueprint_of(name).metadata["source_url"] == url
    encoded = url.replace(":", "%3A").replace("/", "%2F")
    assert f"https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url={encoded}" in DOCS
    assert _get_github_import_url(url).endswith(f"/main/blueprints/automation/inkling/{name}.yaml")


@pytest.mark.parametrize("name", NAMES)
async def test_makes_an_automation(
    hass: HomeAssistant, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """Make an automation of nothing but the entities, and do nothing while they are all missing."""
    install(hass, tmp_path)
    await automate(hass, name, **NEEDED[name])
    await hass.services.async_call("automation", "trigger", {"entity_id": "automation.office", "skip_condition": False})
    await hass.async_block_till_done()
    state = hass.states.get("automation.office")
    assert state is not None
    assert state.attributes["last_triggered"] is None
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    await end(hass)
