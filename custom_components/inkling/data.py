"""What one set-up integration holds while it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .coordinator import InklingCoordinator
from .fault_watch import FaultWatch
from .forecasting import Forecasting
from .ingest import Ingest
from .labelling import Labelling
from .model_files import FoundModel
from .store import DecisionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeData:
    """The parts that entities, diagnostics and flows need."""

    coordinator: InklingCoordinator
    ingest: Ingest
    forecasting: Forecasting
    faults: FaultWatch
    store: DecisionStore
    labelling: Labelling
    found: FoundModel
    found_forecast: FoundModel
    phrases: Mapping[str, str]
    """Sentences in the user's language, by key."""
    name_of: Callable[[str], str]
    """The name a user knows an entity by."""
    hub_id: str
    """Registry id of the device the rooms hang on."""


type InklingConfigEntry = ConfigEntry[RuntimeData]
