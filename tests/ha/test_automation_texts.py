"""What the automation editor shows of our triggers and conditions: everything has a name, a description and an icon."""

import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import async_get_all_descriptions as async_conditions
from homeassistant.helpers.selector import selector
from homeassistant.helpers.trigger.descriptions import async_get_all_descriptions as async_triggers
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from custom_components.inkling.condition import CONDITIONS
from custom_components.inkling.core.faults.classes import Severity
from custom_components.inkling.trigger import TRIGGERS

from .conftest import set_up

FOLDER = Path(__file__).parents[2] / "custom_components" / "inkling"
STRINGS: dict[str, Any] = json.loads((FOLDER / "strings.json").read_text(encoding="utf-8"))
ICONS: dict[str, Any] = json.loads((FOLDER / "icons.json").read_text(encoding="utf-8"))
KINDS: dict[str, dict[str, Any]] = {"triggers": TRIGGERS, "conditions": CONDITIONS}
# Home Assistant's own conditions say nothing more about it either.
SELF_EVIDENT = {"behavior"}


def described(kind: str) -> dict[str, Any]:
    """Return what a YAML file offers."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{kind}.yaml").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_described(kind: str) -> None:
    """Have a name, a description and an icon for each, and for each field, and none for what is not there."""
    texts, icons = STRINGS[kind], ICONS[kind]
    assert set(KINDS[kind]) == set(described(kind)) == set(texts) == set(icons)
    for key, item in described(kind).items():
        assert texts[key]["name"]
        assert texts[key]["description"].endswith(".")
        assert icons[key][kind.removesuffix("s")].startswith("mdi:")
        assert set(item["fields"]) == set(texts[key]["fields"])
        for field, text in texts[key]["fields"].items():
            assert text["name"]
            assert field in SELF_EVIDENT or text["description"].endswith(".")
            assert selector(item["fields"][field]["selector"]) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_are_accepted(kind: str) -> None:
    """Accept what the editor begins with, and have every option in it."""
    for key, item in described(kind).items():
        options = {field: spec["default"] for field, spec in item["fields"].items()}
        config = {"target": {"entity_id": "binary_sensor.office"}, "options": options}
        found = KINDS[kind][key]._schema(config)
        assert set(found["options"]) == set(options)


def test_severities_have_names() -> None:
    """Name every severity that can be chosen, wherever it is chosen."""
    assert set(STRINGS["selector"]["severity"]["options"]) == set(Severity)
    for kind in KINDS:
        for item in described(kind).values():
            if "severity" in item["fields"]:
                assert item["fields"]["severity"]["selector"]["select"]["options"] == list(Severity)


@pytest.mark.usefixtures("hand_loaded")
async def test_offered_by_home_assistant(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Be read by Home Assistant without a complaint."""
    await set_up(hass, entry)
    assert await async_setup_component(hass, "automation", {})
    triggers, conditions = await async_triggers(hass), await async_conditions(hass)
    assert all(triggers[f"inkling.{key}"] for key in TRIGGERS)
    assert all(conditions[f"inkling.{key}"] for key in CONDITIONS)
