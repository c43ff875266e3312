"""What hassfest would say, as far as it can be asked without it: each file against the schema it is held to."""

import json
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition, service, trigger
from homeassistant.helpers.selector import selector
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
import pytest
import voluptuous as vol
import yaml

from custom_components.inkling.const import DOMAIN

FOLDER = Path(__file__).parents[2] / "custom_components" / DOMAIN
STRINGS: dict[str, Any] = json.loads((FOLDER / "strings.json").read_text(encoding="utf-8"))
ICONS: dict[str, Any] = json.loads((FOLDER / "icons.json").read_text(encoding="utf-8"))
TEXT, SLUG = str, vol.Match(r"^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$")


def keyed(value: Any) -> dict[Any, Any]:  # noqa: ANN401 - a schema
    """Return the schema of a mapping from slugs."""
    return {SLUG: value}


FIELDS = keyed({vol.Optional("name"): TEXT, vol.Optional("description"): TEXT})
SECTIONS = keyed(
    {
        vol.Optional("name"): TEXT,
        vol.Optional("description"): TEXT,
        vol.Optional("data"): keyed(TEXT),
        vol.Optional("data_description"): keyed(TEXT),
    }
)
STEP = {
    vol.Optional("title"): TEXT,
    vol.Optional("description"): TEXT,
    vol.Optional("data"): keyed(TEXT),
    vol.Optional("data_description"): keyed(TEXT),
    vol.Optional("menu_options"): keyed(TEXT),
    vol.Optional("menu_option_descriptions"): keyed(TEXT),
    vol.Optional("submit"): TEXT,
    vol.Optional("sections"): SECTIONS,
}
FLOW = {
    vol.Optional("flow_title"): TEXT,
    vol.Required("step"): keyed(STEP),
    vol.Optional("error"): keyed(TEXT),
    vol.Optional("abort"): keyed(TEXT),
    vol.Optional("progress"): keyed(TEXT),
    vol.Optional("create_entry"): keyed(TEXT),
}
ENTITY = {
    vol.Optional("name"): TEXT,
    vol.Optional("state"): keyed(TEXT),
    vol.Optional("state_attributes"): keyed({vol.Optional("name"): TEXT, vol.Optional("state"): keyed(TEXT)}),
    vol.Optional("unit_of_measurement"): TEXT,
}
DESCRIBED = {vol.Required("name"): TEXT, vol.Required("description"): TEXT, vol.Optional("fields"): FIELDS}
SUBENTRY = {
    **FLOW,
    vol.Required("entry_type"): TEXT,
    vol.Required("initiate_flow"): {vol.Required("user"): TEXT, vol.Optional("reconfigure"): TEXT},
}
ISSUE = vol.All(
    {
        vol.Required("title"): TEXT,
        vol.Exclusive("description", "how"): TEXT,
        vol.Exclusive("fix_flow", "how"): FLOW,
    },
    vol.Length(min=2),
)
TRANSLATIONS = vol.Schema(
    {
        vol.Optional("title"): TEXT,
        vol.Optional("common"): keyed(TEXT),
        vol.Required("config"): FLOW,
        vol.Required("config_subentries"): keyed(SUBENTRY),
        vol.Required("options"): FLOW,
        vol.Optional("config_panel"): keyed(keyed(vol.Any(TEXT, keyed(vol.Any(TEXT, keyed(TEXT)))))),
        vol.Optional("selector"): keyed({vol.Optional("options"): keyed(TEXT)}),
        vol.Optional("entity"): keyed(keyed(ENTITY)),
        vol.Optional("exceptions"): keyed({vol.Required("message"): TEXT}),
        vol.Optional("issues"): keyed(ISSUE),
        vol.Optional("system_health"): {vol.Required("info"): keyed(TEXT)},
        vol.Optional("services"): keyed(DESCRIBED),
        vol.Optional("triggers"): keyed(DESCRIBED),
        vol.Optional("conditions"): keyed(DESCRIBED),
    }
)


def read(name: str) -> dict[str, Any]:
    """Return a YAML file, empty where there is none."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return {key: value for key, value in found.items() if not key.startswith(".")}


@pytest.mark.parametrize("path", sorted((FOLDER / "translations").glob("*.json")), ids=lambda path: path.stem)
def test_translations_fit_their_schema(path: Path) -> None:
    """Hold every language to the form that hassfest wants of strings.json."""
    TRANSLATIONS(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "spoiled",
    [
        {**STRINGS, "unknown": {}},
        {**STRINGS, "issues": {"a": {"title": "A"}}},
        {**STRINGS, "issues": {"a": {"title": "A", "description": "B", "fix_flow": {"step": {}}}}},
        {**STRINGS, "services": {"a": {"name": "A"}}},
        {**STRINGS, "exceptions": {"Bad Key": {"message": "A"}}},
    ],
)
def test_the_schema_refuses(spoiled: dict[str, Any]) -> None:
    """Notice what hassfest would notice."""
    with pytest.raises(vol.Invalid):
        TRANSLATIONS(spoiled)


def test_integration_says_what_it_has() -> None:
    """Have a flow exactly where the manifest says so, and a schema that allows no YAML."""
    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["domain"] == FOLDER.name
    assert manifest["config_flow"] is (FOLDER / "config_flow.py").exists()
    assert "CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)" in (FOLDER / "__init__.py").read_text()
    assert manifest["documentation"].startswith("https://")


@pytest.mark.parametrize("name", ["services.yaml", "triggers.yaml", "conditions.yaml"])
def test_fields_are_named_and_can_be_chosen(name: str) -> None:
    """Name every field of every description, give each a selector that Home Assistant knows, and picture each."""
    kind = name.removesuffix(".yaml")
    described = read(name)
    assert set(described) == set(STRINGS[kind]) == set(ICONS[kind])
    for key, content in described.items():
        fields = (content or {}).get("fields") or {}
        assert set(fields) == set(STRINGS[kind][key].get("fields", {})), key
        for field in fields.values():
            selector(field["selector"])


def test_icons_are_of_the_one_set() -> None:
    """Use Material Design icons only."""
    found = re.findall(r'"(?:default|trigger|condition|service|on|off)": "([^"]+)"', json.dumps(ICONS))
    assert found
    assert all(re.fullmatch(r"mdi:[a-z0-9-]+", icon) for icon in found)


async def test_home_assistant_reads_the_descriptions(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """Let Home Assistant itself load the descriptions of actions, triggers and conditions, without a complaint."""
    integration = await async_get_integration(hass, DOMAIN)
    assert not integration.disabled
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    actions = (await service.async_get_all_descriptions(hass))[DOMAIN]
    assert set(actions) == set(read("services.yaml"))
    triggers = await trigger.async_get_all_descriptions(hass)
    conditions = await condition.async_get_all_descriptions(hass)
    for name, found in (("triggers.yaml", triggers), ("conditions.yaml", conditions)):
        assert {f"{DOMAIN}.{key}" for key in read(name)} == {key for key in found if key.startswith(DOMAIN)}
    assert "Unable to parse" not in caplog.text
