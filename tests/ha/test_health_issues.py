"""Repairs about the recorder and the files of what was learned: each state, its sentence, its end."""

from collections.abc import Callable
from datetime import timedelta
import json
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.recorder import get_instance
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling.const import DOMAIN
from custom_components.inkling.health_issues import BeginAnewFlow, sync_health_issues
from custom_components.inkling.repairs import async_create_fix_flow
from custom_components.inkling.slot_store import StoreProblem

from .conftest import issue_ids, set_up, settle

pytestmark = pytest.mark.usefixtures("hand_loaded")


@pytest.fixture(autouse=True)
def _custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start a recorder before anything else."""


@pytest.fixture
def _newer_files(entry: MockConfigEntry, learned_folder: Path) -> None:
    """Leave files of a later version."""
    header = {"format": "inkling-learned", "version": 99, "number": 1, "size": 2, "crc32": 0}
    path = learned_folder / f"{DOMAIN}.{entry.entry_id}.learned"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(json.dumps(header).encode() + b"\n{}")


async def test_nothing_is_wrong(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Raise nothing in a home with a recorder that keeps what rooms read."""
    await set_up(hass, entry)
    assert issue_ids(hass) == set()


def _keep_two_days(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the recorder purge what is older than two days."""
    monkeypatch.setattr(get_instance(hass), "auto_purge", True)
    monkeypatch.setattr(get_instance(hass), "keep_days", 2)


def _leave_out_the_office(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the recorder keep nothing of the office."""
    monkeypatch.setattr(get_instance(hass), "entity_filter", lambda entity_id: "office" not in entity_id)


def _switch_off(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run without a recorder."""
    monkeypatch.setattr("custom_components.inkling.health_issues.has_recorder", lambda _: False)


@pytest.mark.parametrize(
    ("spoil", "issue_id"),
    [
        (_keep_two_days, "recorder_short"),
        (_leave_out_the_office, "unrecorded_entities"),
        (_switch_off, "recorder_off"),
    ],
)
async def test_recorder(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    freezer: FrozenDateTimeFactory,
    spoil: Callable[[HomeAssistant, pytest.MonkeyPatch], None],
    issue_id: str,
) -> None:
    """Say what the recorder lacks within minutes, and take it back when it is mended."""
    await set_up(hass, entry)
    with monkeypatch.context() as patched:
        spoil(hass, patched)
        freezer.tick(timedelta(minutes=6))
        async_fire_time_changed(hass)
        await settle(hass)
        issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
        assert issue is not None
        assert not issue.is_fixable
        if issue_id == "unrecorded_entities":
            assert issue.translation_placeholders is not None
            assert "`binary_sensor.office_motion`" in issue.translation_placeholders["entities"]
            assert "kitchen" not in issue.translation_placeholders["entities"]
    freezer.tick(timedelta(minutes=6))
    async_fire_time_changed(hass)
    await settle(hass)
    assert issue_ids(hass) == set()


async def test_a_long_list_is_cut(hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name no more entities than a person reads."""
    await set_up(hass, entry)
    monkeypatch.setattr("custom_components.inkling.health_issues._LISTED_LIMIT", 1)
    monkeypatch.setattr(get_instance(hass), "entity_filter", lambda _: False)
    sync_health_issues(hass, entry)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, "unrecorded_entities")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["entities"].splitlines()[1:] == ["- ..."]


@pytest.mark.parametrize("problem", [StoreProblem.DAMAGED, StoreProblem.UNWRITABLE, StoreProblem.UNREADABLE])
async def test_learned_files(hass: HomeAssistant, entry: MockConfigEntry, problem: StoreProblem) -> None:
    """Say what is wrong with the files, and take it back."""
    await set_up(hass, entry)
    store = entry.runtime_data.forecasting.store
    store.problem = problem
    sync_health_issues(hass, entry)
    assert issue_ids(hass) == {f"learned_{problem}"}
    store.problem = None
    sync_health_issues(hass, entry)
    assert issue_ids(hass) == set()


@pytest.mark.usefixtures("_newer_files")
async def test_newer_data_are_set_aside_on_demand(
    hass: HomeAssistant, entry: MockConfigEntry, learned_folder: Path
) -> None:
    """Leave a later version's files alone until the user says to begin anew; nothing is deleted then."""
    await set_up(hass, entry)
    assert issue_ids(hass) == {"learned_newer_version"}
    issue = ir.async_get(hass).async_get_issue(DOMAIN, "learned_newer_version")
    assert issue is not None
    flow = await async_create_fix_flow(hass, issue.issue_id, issue.data)
    assert isinstance(flow, BeginAnewFlow)
    flow.hass, flow.issue_id, flow.handler = hass, issue.issue_id, DOMAIN
    assert (await flow.async_step_init())["type"] is FlowResultType.FORM
    kept = learned_folder / f"{DOMAIN}.{entry.entry_id}.learned"
    assert b'"version": 99' in kept.read_bytes()
    assert (await flow.async_step_confirm({}))["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert issue_ids(hass) == set()
    assert b'"version": 99' in kept.with_name(f"{kept.name}.newer").read_bytes()
    assert not kept.exists() or b'"version": 99' not in kept.read_bytes()
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert not kept.with_name(f"{kept.name}.newer").exists()


async def test_begin_anew_of_a_home_that_is_gone(hass: HomeAssistant) -> None:
    """Say that there is nothing left to do."""
    flow = BeginAnewFlow("gone")
    flow.hass = hass
    assert (await flow.async_step_confirm({}))["reason"] == "home_gone"


async def test_labels_of_a_newer_version(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Say that new labels are not kept beside those of a later version."""
    await set_up(hass, entry)
    entry.runtime_data.labelling._store.is_kept = False
    sync_health_issues(hass, entry)
    assert issue_ids(hass) == {"labels_newer"}
