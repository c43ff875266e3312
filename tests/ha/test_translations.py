"""What hassfest would check: every text exists, is plain, and names only what it is given."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
import pytest
import yaml

from custom_components.inkling.binary_sensor import ANYBODY_HOME, OCCUPANCY
from custom_components.inkling.config_flow import InklingOptionsFlow
from custom_components.inkling.const import CONF_HORIZONS, CONF_KIND, DOMAIN, HORIZONS_MINUTES, Sensitivity
from custom_components.inkling.core.backends import BackendKind, ModelFault
from custom_components.inkling.core.faults.classes import FaultClass, Severity
from custom_components.inkling.core.faults.days import Measure
from custom_components.inkling.core.faults.table import Score, measure_of
from custom_components.inkling.core.forecast import BASELINES
from custom_components.inkling.core.skill import SkillReason
from custom_components.inkling.core.units import Role
from custom_components.inkling.core.verdict import UnknownReason
from custom_components.inkling.device_flow import device_schema, signals_schema
from custom_components.inkling.event import FAULT_EVENT
from custom_components.inkling.everything_flow import everything_schema
from custom_components.inkling.fault_binary import FAULT
from custom_components.inkling.fault_config import DeviceConfig, DeviceKind
from custom_components.inkling.fault_notes import Mode
from custom_components.inkling.fault_sensors import NO_FAULT, SENSORS as FAULT_SENSORS
from custom_components.inkling.fault_status import MonitorState
from custom_components.inkling.forecast_options import SECTION, forecast_schema
from custom_components.inkling.forms import area_schema, roles_schema
from custom_components.inkling.health_issues import ISSUES as HEALTH_ISSUES
from custom_components.inkling.import_found import AREA_OCCUPANCY, BAYESIAN
from custom_components.inkling.model_files import OUTSIDE
from custom_components.inkling.outlook import NoForecast
from custom_components.inkling.preview import PreviewProblem
from custom_components.inkling.roles import ROOM_ROLES, SECTIONS
from custom_components.inkling.select import MODE
from custom_components.inkling.sensor import SENSORS
from custom_components.inkling.sensor_forecast import HOME_NEXT, HORIZONS, ROOM_NEXT
from custom_components.inkling.setup_areas import FoundRoom
from custom_components.inkling.setup_form import Draft, setup_schema

from .conftest import add_entity

FOLDER = Path(__file__).parents[2] / "custom_components" / "inkling"
STRINGS: dict[str, Any] = json.loads((FOLDER / "strings.json").read_text())
ICONS: dict[str, Any] = json.loads((FOLDER / "icons.json").read_text())
CODE = "\n".join(path.read_text() for path in FOLDER.glob("*.py"))
KEY = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?")
ENTITY_ERRORS = {"entity_not_found", "own_entity", "entity_disabled", "wrong_domain", "wrong_unit"}
IMPORT_ERRORS = {"import_unreadable", "import_empty", "import_failed"}
FREE_DAY_ERRORS = {"not_a_workday", "not_free_days"}


def texts(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Yield every text with its path."""
    if isinstance(tree, str):
        yield path, tree
        return
    for key, value in tree.items():
        yield from texts(value, f"{path}.{key}" if path else key)


TEXTS = dict(texts(STRINGS))


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return set(re.findall(r"{(\w+)}", text))


def test_english_is_what_strings_say() -> None:
    """Keep the file that is read and the file that is checked the same."""
    assert json.loads((FOLDER / "translations" / "en.json").read_text()) == STRINGS


@pytest.mark.parametrize("path", TEXTS)
def test_texts_are_plain(path: str) -> None:
    """Allow no HTML, no addresses, no stray spaces and no quoted placeholders."""
    text = TEXTS[path]
    assert text
    assert text == text.strip()
    assert not re.search(r"<[a-z/]|https?://|'{\w+}'", text)
    assert all(KEY.fullmatch(key) for key in path.split("."))


def test_described_fields_exist() -> None:
    """Describe only fields that a step has, and all of them."""
    for path in TEXTS:
        parts = path.split(".")
        if "data_description" in parts:
            parts[parts.index("data_description")] = "data"
            assert ".".join(parts) in TEXTS
        elif "data" in parts:
            parts[parts.index("data")] = "data_description"
            assert ".".join(parts) in TEXTS


def step(*path: str) -> Any:  # noqa: ANN401 - JSON
    """Return a branch of the texts."""
    found: Any = STRINGS
    for key in path:
        found = found[key]
    return found


async def every_setup_field_has_a_label(hass: HomeAssistant) -> None:
    """Hold the first step's form and menu to their texts."""
    room = FoundRoom("attic", "Attic", {Role.MOTION: ["binary_sensor.motion"]})
    add_entity(hass, "binary_sensor.motion", original_device_class="motion")
    draft = Draft(rooms=[room], scanty=[], people=[], exit_doors=[])
    form, areas = setup_schema(hass, draft, {"found_motion": "Motion"}).schema, step("config", "step", "areas")
    assert {*areas["data"], *areas["sections"]} == {str(key) for key in form}
    for group, texts_of_group in areas["sections"].items():
        assert set(texts_of_group["data"]) == {str(key) for key in form[group].schema.schema}
    assert set(step("config", "step", "user", "menu_options")) == {"areas", AREA_OCCUPANCY, BAYESIAN}


async def test_every_field_has_a_label(hass: HomeAssistant) -> None:
    """Label each field of each form, and no field that does not exist."""
    await every_setup_field_has_a_label(hass)
    flow = InklingOptionsFlow()
    flow.hass = hass
    options = await flow._async_schema({"backend": "litert"})
    assert {*step("options", "step", "init", "data"), SECTION} == {str(key) for key in options.schema}
    forecast = step("options", "step", "init", "sections", SECTION)
    assert set(forecast["data"]) == {str(key) for key in forecast_schema({}).schema}
    room = step("config_subentries", "room", "step")
    assert set(room["user"]["data"]) == {str(key) for key in area_schema(None).schema}
    form = roles_schema(hass, {}).schema
    assert set(room["roles"]["sections"]) == {str(key) for key in form} == {group.key for group in SECTIONS}
    for group in SECTIONS:
        fields = {str(key) for key in form[group.key].schema.schema}
        assert set(room["roles"]["sections"][group.key]["data"]) == fields == set(group.roles)


def test_every_error_and_abort_has_a_sentence() -> None:
    """Say each thing that can go wrong, and nothing that cannot."""
    assert set(step("config", "error")) == ENTITY_ERRORS | IMPORT_ERRORS
    assert set(step("options", "error")) == ENTITY_ERRORS | FREE_DAY_ERRORS
    room = step("config_subentries", "room")
    assert set(room["error"]) == {*ENTITY_ERRORS, "nothing_chosen", "area_not_found"}
    assert set(room["abort"]) == set(re.findall(r'async_abort\(reason="(\w+)"', (FOLDER / "room_flow.py").read_text()))
    assert set(room["progress"]) == set(re.findall(r'progress_action="(\w+)"', CODE))
    for key in ENTITY_ERRORS | FREE_DAY_ERRORS | IMPORT_ERRORS | {"nothing_chosen", "area_not_found"}:
        assert f'"{key}"' in CODE


def test_errors_name_what_they_are_given() -> None:
    """Use only the placeholders that a refusal comes with."""
    for group in (step("config", "error"), step("options", "error"), step("config_subentries", "room", "error")):
        assert all(placeholders(text) <= {"entity", "role"} for text in group.values())


def test_every_fault_has_its_own_repair() -> None:
    """Tell the faults of a model apart, for a home's own and for the shipped one."""
    issues = step("issues")
    faults = {*ModelFault, OUTSIDE}
    model_keys = {f"{prefix}_{fault}" for fault in faults for prefix in ("model", "home_model")}
    forecast_keys = {"forecast_model", "home_forecast_model"}
    other_keys = {
        *HEALTH_ISSUES,
        "backend_missing",
        "runtime_failed",
        "forecast_failed",
        "missing_entities",
        "moved_entities",
        "new_sensors",
        "new_room",
        "area_gone",
        "fault",
    }
    assert set(issues) == {*model_keys, *forecast_keys, *other_keys}
    for key in forecast_keys:
        assert placeholders(issues[key]["description"]) == {"file", "detail"}
    sentences = [issues[key]["description"] for key in model_keys]
    assert len(set(sentences)) == len(sentences)
    for key in model_keys:
        assert placeholders(issues[key]["description"]) <= {"file", "detail"}
    for key in ("runtime_failed", "forecast_failed"):
        assert placeholders(issues[key]["description"]) == {"model", "failures"}
    assert placeholders(issues["area_gone"]["fix_flow"]["step"]["confirm"]["description"]) == {"room"}
    for key in ("new_sensors", "new_room"):
        begin = issues[key]["fix_flow"]["step"]["init"]
        assert placeholders(begin["description"]) == {"area", "entities"}
        assert set(begin["menu_options"]) == {"form", "ignore"}
        aborts = re.findall(r'async_abort\(reason="(\w+)"', (FOLDER / "area_repairs.py").read_text())
        assert set(issues[key]["fix_flow"]["abort"]) == set(aborts)
    for key in ("missing_entities", "moved_entities"):
        assert placeholders(issues[key]["title"]) == {"room"}
        assert placeholders(issues[key]["fix_flow"]["step"]["confirm"]["description"]) == {"room", "entities"}


def test_phrases_are_complete() -> None:
    """Have every sentence that code puts together by key."""
    common = set(step("common"))
    assert {f"role_{role}" for role in Role} <= common
    assert {"found_several", *(f"found_{role}" for role in ROOM_ROLES)} == {
        key for key in common if key.startswith("found_")
    }
    assert {f"reason_{reason}" for reason in UnknownReason} <= common
    assert {f"preview_{problem}" for problem in PreviewProblem} <= common
    assert {f"fault_type_{fault}" for fault in FaultClass} <= common
    assert {f"fault_{measure_of(score)}" for score in Score} <= common
    assert {f"fault_{measure}" for measure in Measure} <= common
    built = (
        "role_",
        "reason_",
        "preview_",
        "source_",
        "fault_",
        "duration_",
        "backtest_",
        "found_",
        "setup_",
        "logbook_",
        "assist_",
        "answer_",
    )
    assert {key for key in common if not key.startswith(built)} == {"everything_title"}
    for key in common:
        assert not key.startswith(("backtest_", "duration_", "setup_")) or key in CODE
    assert {f"logbook_{what}" for what in FAULT_EVENT.event_types or ()} <= common
    for key in ("reason_for", "reason_against", "reason_likely", "reason_quiet", "reason_restored", "source_home"):
        assert key in common


def test_entities_have_names_and_icons() -> None:
    """Name and picture every entity, and nothing else."""
    foreseen = {row.translation_key for rows in (*HORIZONS.values(), ROOM_NEXT, HOME_NEXT) for row in rows}
    rows = {
        "binary_sensor": {OCCUPANCY.translation_key, ANYBODY_HOME.translation_key, FAULT.translation_key},
        "event": {FAULT_EVENT.translation_key},
        "select": {MODE.translation_key},
        "sensor": {row.translation_key for row in (*SENSORS, *FAULT_SENSORS)} | foreseen,
    }
    for tree in (step("entity"), ICONS["entity"]):
        assert {platform: set(keys) for platform, keys in tree.items()} == rows
    assert all(text.startswith("mdi:") for _, text in texts(ICONS))


def test_every_reason_is_in_words() -> None:
    """Say every reason there can be for showing or hiding a forecast, and each rule by its name."""
    sensors = step("entity", "sensor")
    for minutes in HORIZONS_MINUTES:
        reasons = set(sensors[f"forecast_{minutes}"]["state_attributes"]["reason"]["state"])
        assert reasons == {*SkillReason, *NoForecast, "not_within_a_day"}
        assert set(sensors[f"baseline_{minutes}"]["state_attributes"]["baseline"]["state"]) == set(BASELINES)


def test_actions_are_described() -> None:
    """Name, describe and picture every action there is, and put every exception into words."""
    actions = set(yaml.safe_load((FOLDER / "services.yaml").read_text()))
    assert actions == set(re.findall(r'^SERVICE_\w+ = "(\w+)"', CODE, re.MULTILINE))
    assert actions == set(step("services")) == set(ICONS["services"])
    assert set(step("exceptions")) == set(re.findall(r'translation_domain=DOMAIN,\s+translation_key="(\w+)"', CODE))


def test_choices_have_labels() -> None:
    """Label each value of each choice."""
    assert set(step("selector", "sensitivity", "options")) == set(Sensitivity)
    assert set(step("selector", "backend", "options")) == set(BackendKind)
    assert set(step("selector", CONF_HORIZONS, "options")) == {str(minutes) for minutes in HORIZONS_MINUTES}
    assert set(step("selector", CONF_KIND, "options")) == set(DeviceKind)


def test_faults_are_in_words() -> None:
    """Say every type, severity, state and mode, and label every field of the forms about devices."""
    sensors = step("entity", "sensor")
    assert set(sensors["fault_type"]["state"]) == {NO_FAULT, *FaultClass}
    assert set(sensors["learning"]["state"]) == set(MonitorState)
    assert set(step("entity", "select", "mode", "state")) == set(Mode)
    for tree in (step("entity", "binary_sensor", "fault"), step("entity", "event", "fault")):
        assert set(tree["state_attributes"]["severity"]["state"]) == set(Severity)
        assert set(tree["state_attributes"]["type"]["state"]) == set(FaultClass)
    device, everything = step("config_subentries", "device"), step("config_subentries", "everything")
    assert set(device["error"]) == {*ENTITY_ERRORS, "nothing_chosen", "nothing_to_watch"}
    for tree, name in ((device, "device_flow.py"), (everything, "everything_flow.py")):
        assert set(tree["abort"]) == set(re.findall(r'async_abort\(reason="(\w+)"', (FOLDER / name).read_text()))


async def test_every_field_about_devices_has_a_label(hass: HomeAssistant) -> None:
    """Label each field of the forms about devices, and no field that does not exist."""
    device = step("config_subentries", "device", "step")
    assert set(device["user"]["data"]) == {str(key) for key in device_schema(hass, None, []).schema}
    form = signals_schema(hass, DeviceConfig(id="a", title="A", roles={Role.POWER: ["sensor.a"]})).schema
    groups = {group.key for group in SECTIONS}
    assert set(device["signals"]["data"]) == {str(key) for key in form} - groups
    assert set(device["signals"]["sections"]) == groups
    for group in SECTIONS:
        assert set(device["signals"]["sections"][group.key]["data"]) == set(group.roles)
    everything = step("config_subentries", "everything", "step", "user", "data")
    assert set(everything) == {str(key) for key in everything_schema(hass, []).schema}


async def test_home_assistant_loads_them(hass: HomeAssistant) -> None:
    """Find the texts the way Home Assistant does."""
    every = (
        "config",
        "config_subentries",
        "options",
        "common",
        "issues",
        "entity",
        "selector",
        "services",
        "exceptions",
    )
    for category in every:
        found = await async_get_translations(hass, "en", category, [DOMAIN])
        assert {key for key in found if key.startswith(f"component.{DOMAIN}.{category}")} == {
            f"component.{DOMAIN}.{path}" for path in TEXTS if path.startswith(f"{category}.")
        }
