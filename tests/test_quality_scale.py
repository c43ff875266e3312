"""The ledger of Home Assistant's quality scale: every rule, and what holds us to it."""

from pathlib import Path
import re

import pytest
import yaml

ROOT = Path(__file__).parents[1]
COMPONENT = ROOT / "custom_components" / "inkling"
LEDGER = yaml.safe_load((COMPONENT / "quality_scale.yaml").read_text(encoding="utf-8"))["rules"]
HA, USAGE = "tests/ha/", "docs/"
# Rule, and where it is tested (a file, or a file and what it holds) or stated.
CHECKS: dict[str, tuple[str, str]] = {
    # Bronze
    "action-setup": (f"{HA}test_hassfest.py", "test_home_assistant_reads_the_descriptions"),
    "appropriate-polling": ("custom_components/inkling/fault_entity.py", "_attr_should_poll = False"),
    "brands": ("tests/test_repository.py", "test_brand_pictures_fit"),
    "common-modules": ("custom_components/inkling/entity.py", "(CoordinatorEntity[InklingCoordinator])"),
    "config-flow-test-coverage": (f"{HA}test_config_flow.py", "async def test_"),
    "config-flow": (f"{HA}test_translations.py", "test_described_fields_exist"),
    "dependency-transparency": ("tests/packaging/test_requirements.py", "test_no_native_runtime_is_required"),
    "docs-actions": ("tests/test_documentation.py", "test_every_action_is_documented"),
    "docs-conditions": ("tests/test_documentation.py", "test_every_trigger_and_condition_is_documented"),
    "docs-high-level-description": (f"{USAGE}index.md", "Inkling tells Home Assistant"),
    "docs-installation-instructions": (f"{USAGE}install.md", "## With HACS"),
    "docs-removal-instructions": (f"{USAGE}install.md", "## Remove"),
    "docs-triggers": ("tests/test_documentation.py", "test_every_trigger_and_condition_is_documented"),
    "entity-event-setup": (f"{HA}test_lifecycle.py", "unload"),
    "entity-unique-id": (f"{HA}test_released.py", "test_entities_keep_their_names"),
    "has-entity-name": ("custom_components/inkling/fault_entity.py", "_attr_has_entity_name = True"),
    "runtime-data": ("custom_components/inkling/data.py", "type InklingConfigEntry = ConfigEntry[RuntimeData]"),
    "test-before-configure": (f"{HA}test_room_flow.py", "preview"),
    "test-before-setup": (f"{HA}test_models.py", "test_a_bad_shipped_model_leaves_rooms_unknown"),
    "unique-config-entry": (f"{HA}test_config_flow.py", "single_instance_allowed"),
    # Silver
    "action-exceptions": (f"{HA}test_translations.py", "test_actions_are_described"),
    "config-entry-unloading": (f"{HA}test_lifecycle.py", "unload"),
    "docs-configuration-parameters": (f"{USAGE}usage.md", "## Options"),
    "docs-installation-parameters": (f"{USAGE}first-room.md", "| on the form |"),
    "entity-unavailable": (f"{HA}test_entities.py", "unavailable"),
    "integration-owner": ("custom_components/inkling/manifest.json", "codeowners"),
    "log-when-unavailable": (f"{HA}test_entities.py", "unavailable"),
    "parallel-updates": ("tests/test_quality_scale.py", "test_platforms_say_how_many_at_once"),
    "reauthentication-flow": ("custom_components/inkling/quality_scale.yaml", "nothing to log in to"),
    "test-coverage": ("scripts/lib/phases.sh", "coverage"),
    # Gold
    "devices": (f"{HA}test_fault_entities.py", "test_entities_stand_on_the_own_device"),
    "diagnostics": (f"{HA}test_diagnostics.py", "test_diagnostics_tell_nothing_private"),
    "discovery-update-info": ("custom_components/inkling/quality_scale.yaml", "nothing to discover"),
    "discovery": ("custom_components/inkling/quality_scale.yaml", "nothing to discover"),
    "docs-data-update": (f"{USAGE}entities.md", "## How often they change"),
    "docs-examples": (f"{USAGE}automations.md", "blueprint"),
    "docs-known-limitations": (f"{USAGE}limits.md", "# Limits"),
    "docs-supported-devices": (f"{USAGE}first-room.md", "| role |"),
    "docs-supported-functions": (f"{USAGE}entities.md", "# What each entity means"),
    "docs-troubleshooting": (f"{USAGE}troubleshooting.md", "# When something is wrong"),
    "docs-use-cases": (f"{USAGE}automations.md", "arrival"),
    "dynamic-devices": (f"{HA}test_lifecycle.py", "async def test_"),
    "entity-category": (f"{HA}test_released.py", "test_predictions_are_no_settings"),
    "entity-device-class": (f"{HA}__snapshots__/test_entities.ambr", "occupancy"),
    "entity-disabled-by-default": ("custom_components/inkling/sensor.py", "entity_registry_enabled_default=False"),
    "entity-translations": (f"{HA}test_translations.py", "test_entities_have_names_and_icons"),
    "exception-translations": (f"{HA}test_translations.py", "test_actions_are_described"),
    "icon-translations": (f"{HA}test_translations.py", "test_entities_have_names_and_icons"),
    "reconfiguration-flow": (f"{HA}test_room_flow.py", "reconfigure"),
    "repair-issues": (f"{HA}test_health_issues.py", "async def test_recorder"),
    "stale-devices": (f"{HA}test_lifecycle.py", "stale"),
    # Platinum
    "async-dependency": ("tests/packaging/test_requirements.py", "test_numpy_is_not_pinned"),
    "inject-websession": ("tests/test_quality_scale.py", "test_nothing_is_fetched"),
    "strict-typing": ("pyproject.toml", "strict = true"),
}
PLATFORMS = ("binary_sensor", "event", "select", "sensor")


def test_every_rule_has_a_status() -> None:
    """Answer each rule of the scale with done, or with a reason why it does not apply."""
    assert list(LEDGER) == list(CHECKS)
    for rule, status in LEDGER.items():
        if status != "done":
            assert status["status"] == "exempt", rule
            assert len(status["comment"]) > 20, rule


@pytest.mark.parametrize("rule", CHECKS)
def test_every_rule_is_held(rule: str) -> None:
    """Find the test, or the place, that each rule is held by."""
    path, holds = CHECKS[rule]
    assert holds in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_platforms_say_how_many_at_once(platform: str) -> None:
    """State how many updates may run at a time, which for what is pushed is any number."""
    assert "PARALLEL_UPDATES = 0" in (COMPONENT / f"{platform}.py").read_text(encoding="utf-8")


def test_nothing_is_fetched() -> None:
    """Open no connection anywhere: neither a client library nor an address is in the integration."""
    clients = re.compile(
        r"import (?:aiohttp|httpx|requests|urllib\.request|socket)\b"
        r"|from (?:aiohttp import ClientSession|urllib\.request|socket)"
        r"|async_get_clientsession"
    )
    sources = COMPONENT.rglob("*.py")
    assert [path.name for path in sources if clients.search(path.read_text(encoding="utf-8"))] == []
