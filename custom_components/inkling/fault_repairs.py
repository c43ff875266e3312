"""The fix flow of a fault: it was serviced, it was a false alarm, or it may wait."""

from homeassistant.components.repairs import RepairsFlow
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import NumberSelector, NumberSelectorConfig, NumberSelectorMode
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import SNOOZE_LIMIT_DAYS
from .fault_watch import FaultWatch

_CHOICES = ["serviced", "false_alarm", "snooze"]
_DAY_SECONDS = 86_400.0


class FaultFlow(RepairsFlow):
    """Say what is known, and take what the user knows better."""

    def __init__(self, data: dict[str, str]) -> None:
        """Keep which signal, and what the sentences name."""
        self._about = data

    async def async_step_init(
        self,
        user_input: dict[str, str] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> RepairsFlowResult:
        """Begin with the evidence and what can be done."""
        names = {key: self._about[key] for key in ("name", "type", "evidence")}
        return self.async_show_menu(step_id="init", menu_options=_CHOICES, description_placeholders=names)

    def _faults(self) -> FaultWatch | None:
        """Return what watches, None when it does not run any more."""
        return running_faults(self.hass, self._about["entry_id"])

    async def async_step_serviced(
        self,
        user_input: dict[str, str] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> RepairsFlowResult:
        """Learn the signal's normal anew."""
        if (faults := self._faults()) is None:
            return self.async_abort(reason="not_running")
        await faults.async_serviced([self._about["signal"]])
        return self.async_create_entry(data={})

    async def async_step_false_alarm(
        self,
        user_input: dict[str, str] | None = None,  # noqa: ARG002 - the platform's signature
    ) -> RepairsFlowResult:
        """Raise the threshold that was crossed."""
        if (faults := self._faults()) is None:
            return self.async_abort(reason="not_running")
        await faults.async_false_alarm([self._about["signal"]])
        return self.async_create_entry(data={})

    async def async_step_snooze(self, user_input: dict[str, float] | None = None) -> RepairsFlowResult:
        """Ask for how long, then leave the signal alone."""
        if (faults := self._faults()) is None:
            return self.async_abort(reason="not_running")
        if user_input is None:
            days = NumberSelector(
                NumberSelectorConfig(min=1, max=SNOOZE_LIMIT_DAYS, step=1, mode=NumberSelectorMode.BOX)
            )
            schema = vol.Schema({vol.Required("days", default=7): days})
            names = {"name": self._about["name"]}
            return self.async_show_form(step_id="snooze", data_schema=schema, description_placeholders=names)
        until = dt_util.utcnow().timestamp() + float(user_input["days"]) * _DAY_SECONDS
        faults.snooze([self._about["signal"]], until)
        return self.async_create_entry(data={})


def running_faults(hass: HomeAssistant, entry_id: str) -> FaultWatch | None:
    """Return what watches an entry's devices, None when the entry does not run."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        return None
    found: FaultWatch = entry.runtime_data.faults
    return found
