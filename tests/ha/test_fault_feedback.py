"""What users say about faults: repairs with their fix flow, and the actions."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from custom_components.inkling.core.faults.classes import FaultClass, Scope, Severity
from custom_components.inkling.fault_repairs import FaultFlow
from custom_components.inkling.repairs import async_create_fix_flow

from .conftest import issue_ids, state_of
from .faults import CELLAR, FAULT, FRIDGE, POWER, alarm_of, everything_data, faults_of, signal_of, tell, watch_fridge

pytestmark = pytest.mark.usefixtures("hand_loaded")


def fault_issues(hass: HomeAssistant) -> set[str]:
    """Return the ids of the repairs about faults."""
    return {found for found in issue_ids(hass) if found.startswith("fault_")}


async def open_fix(hass: HomeAssistant, issue_id: str) -> FaultFlow:
    """Return the fix flow of a repair."""
    issue = ir.async_get(hass).async_get_issue("inkling", issue_id)
    assert issue is not None
    flow = await async_create_fix_flow(hass, issue_id, issue.data)
    assert isinstance(flow, FaultFlow)
    flow.hass = hass
    return flow


async def test_one_repair_a_device(hass: HomeAssistant) -> None:
    """Raise one repair for a device however much of it fails and whoever watches it, and close it when well."""
    entry = await watch_fridge(hass, everything_data())
    device = alarm_of(hass).device
    await tell(hass, entry, alarm_of(hass, severity=Severity.INFO))
    assert fault_issues(hass) == set()
    worst = alarm_of(hass, POWER, severity=Severity.CRITICAL, fault=FaultClass.DROPOUT)
    await tell(hass, entry, alarm_of(hass), worst)
    assert fault_issues(hass) == {f"fault_{device}_dropout"}
    issue = ir.async_get(hass).async_get_issue("inkling", f"fault_{device}_dropout")
    assert issue is not None
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["type"] == "no longer reports"
    await tell(hass, entry, alarm_of(hass))
    assert fault_issues(hass) == {f"fault_{device}_bias"}
    await tell(hass, entry)
    assert fault_issues(hass) == set()


async def test_ignored_repair_stays_ignored(hass: HomeAssistant) -> None:
    """Bother nobody twice with what they ignored, not even after it was well in between."""
    entry = await watch_fridge(hass)
    alarm = alarm_of(hass)
    await tell(hass, entry, alarm)
    issue_id = next(iter(fault_issues(hass)))
    ir.async_ignore_issue(hass, "inkling", issue_id, True)  # noqa: FBT003 - its signature
    await tell(hass, entry)
    await tell(hass, entry, alarm)
    issue = ir.async_get(hass).async_get_issue("inkling", issue_id)
    assert issue is not None
    assert issue.dismissed_version is not None


async def test_fix_flow(hass: HomeAssistant) -> None:
    """Offer what a user may know better, and do it."""
    entry = await watch_fridge(hass)
    faults, signal = faults_of(entry), signal_of(hass, FRIDGE)
    await tell(hass, entry, alarm_of(hass))
    issue_id = next(iter(fault_issues(hass)))
    flow = await open_fix(hass, issue_id)
    menu = await flow.async_step_init()
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["serviced", "false_alarm", "snooze"]
    assert menu["description_placeholders"] is not None
    assert "reads 9.5 °C" in menu["description_placeholders"]["evidence"]
    form = await flow.async_step_snooze()
    assert form["type"] is FlowResultType.FORM
    done = await flow.async_step_snooze({"days": 2})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert faults.notes.snoozed[signal] == pytest.approx(dt_util.utcnow().timestamp() + 172_800.0, abs=60.0)
    assert fault_issues(hass) == set()
    await tell(hass, entry, alarm_of(hass))
    assert (await (await open_fix(hass, issue_id)).async_step_false_alarm())["type"] is FlowResultType.CREATE_ENTRY
    assert faults.notes.false_alarms == {signal: 1}
    await tell(hass, entry, alarm_of(hass))
    assert (await (await open_fix(hass, issue_id)).async_step_serviced())["type"] is FlowResultType.CREATE_ENTRY
    assert state_of(hass, FAULT) == "off"


async def test_fix_flow_without_inkling(hass: HomeAssistant) -> None:
    """Say that nothing can be done while Inkling does not run, or is gone."""
    entry = await watch_fridge(hass)
    await tell(hass, entry, alarm_of(hass))
    flow = await open_fix(hass, next(iter(fault_issues(hass))))
    await hass.config_entries.async_unload(entry.entry_id)
    for step in (flow.async_step_serviced, flow.async_step_false_alarm, flow.async_step_snooze):
        done = await step()
        assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "not_running")
    flow._about["entry_id"] = "gone"
    assert (await flow.async_step_serviced())["reason"] == "not_running"


async def act(hass: HomeAssistant, name: str, **data: Any) -> Any:  # noqa: ANN401 - an action's answer
    """Call an action."""
    is_answer = name == "backtest"
    return await hass.services.async_call("inkling", name, data, blocking=True, return_response=is_answer)


@pytest.mark.parametrize(("target", "count"), [(FAULT, 2), (FRIDGE, 1), ("binary_sensor.every_sensor_fault", 3)])
async def test_snooze(hass: HomeAssistant, target: str, count: int) -> None:
    """Leave a sensor, a device or everything alone."""
    entry = await watch_fridge(hass, everything_data())
    await tell(hass, entry, alarm_of(hass))
    await act(hass, "snooze", entity_id=target, duration={"hours": 1})
    assert len(faults_of(entry).notes.snoozed) == count
    assert state_of(hass, FAULT) == "off"


async def test_snooze_of_a_device(hass: HomeAssistant) -> None:
    """Leave all that is watched of the user's own device alone."""
    entry = await watch_fridge(hass)
    await act(hass, "snooze", device_id=alarm_of(hass).device, duration={"days": 1})
    assert set(faults_of(entry).notes.snoozed) == {signal_of(hass, FRIDGE), signal_of(hass, POWER)}


async def test_false_alarm_and_serviced(hass: HomeAssistant) -> None:
    """Teach the watch through actions, also about a whole device that was called silent."""
    entry = await watch_fridge(hass)
    with pytest.raises(ServiceValidationError, match="no alarm about this"):
        await act(hass, "false_alarm", entity_id=FAULT)
    device = alarm_of(hass).device
    await tell(hass, entry, alarm_of(hass, POWER, scope=Scope.DEVICE, target=device))
    await act(hass, "false_alarm", entity_id=FRIDGE)
    assert faults_of(entry).notes.false_alarms == {signal_of(hass, POWER): 1}
    # One of two alarms is false, the other stands.
    await tell(hass, entry, alarm_of(hass), alarm_of(hass, POWER, device="", target="power"))
    await act(hass, "false_alarm", entity_id=FRIDGE)
    assert [alarm.target for alarm in faults_of(entry).active] == ["power"]
    await tell(hass, entry, alarm_of(hass))
    await act(hass, "serviced", entity_id=FAULT)
    assert state_of(hass, FAULT) == "off"


async def test_actions_say_what_is_wrong(hass: HomeAssistant) -> None:
    """Refuse what is not watched, nothing at all, times that cannot be, and a home that does not run."""
    entry = await watch_fridge(hass)
    hass.states.async_set("light.hall", "on")
    with pytest.raises(ServiceValidationError, match=r"light\.hall is not watched"):
        await act(hass, "serviced", entity_id="light.hall")
    with pytest.raises(ServiceValidationError, match="Nothing in this target"):
        await act(hass, "serviced")
    now = dt_util.utcnow()
    for start, end in ((now, now - timedelta(days=1)), (now - timedelta(days=500), now)):
        with pytest.raises(ServiceValidationError, match="start must lie before"):
            await act(hass, "backtest", entity_id=FAULT, start=start, end=end)
    with pytest.raises(ServiceValidationError, match="history could not be read"):
        await act(hass, "backtest", entity_id=FAULT)
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError, match="not set up"):
        await act(hass, "serviced", entity_id=FAULT)


async def test_forecasts_are_not_about_devices(hass: HomeAssistant) -> None:
    """Refuse a device's entity where a room is asked for."""
    await watch_fridge(hass)
    with pytest.raises(ServiceValidationError, match="is not an entity of Inkling"):
        await hass.services.async_call("inkling", "forecast", {"entity_id": FAULT}, blocking=True, return_response=True)


async def test_silent_repair_of_the_cellar(hass: HomeAssistant) -> None:
    """Raise a repair about an entity that belongs to no device."""
    entry = await watch_fridge(hass, everything_data())
    await tell(hass, entry, alarm_of(hass, CELLAR))
    assert fault_issues(hass) == {f"fault_{signal_of(hass, CELLAR)}_bias"}
