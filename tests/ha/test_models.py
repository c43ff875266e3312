"""Model files, good and bad, on the real shipped model and the portable backend."""

from collections.abc import Callable, Generator
import hashlib
import json
from pathlib import Path
import shutil
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.inkling import model_files
from custom_components.inkling.core.backends import BackendKind, ModelFault, available
from custom_components.inkling.model_files import OUTSIDE, Origin, load_model

from .conftest import issue_ids, set_up, settle, state_of

SHIPPED = Path(__file__).parents[2] / "models"


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Generator[Path]:
    """Return the folder of the home's own models, in a configuration of its own."""
    with patch.object(hass.config, "config_dir", str(tmp_path)):
        found = tmp_path / "inkling" / "models"
        found.mkdir(parents=True)
        yield found


def copy_shipped(folder: Path) -> None:
    """Put a good model into a folder."""
    for end in ("json", "tflite"):
        shutil.copy(SHIPPED / f"occupancy.{end}", folder)


def change_manifest(folder: Path, **changes: object) -> None:
    """Change some fields of a folder's manifest."""
    path = folder / "occupancy.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def write_model(folder: Path, data: bytes) -> None:
    """Replace a folder's model and let its manifest vouch for it."""
    (folder / "occupancy.tflite").write_bytes(data)
    change_manifest(folder, sha256=hashlib.sha256(data).hexdigest())


def truncated(folder: Path) -> None:
    """Cut the model off in the middle."""
    data = (folder / "occupancy.tflite").read_bytes()
    write_model(folder, data[: len(data) // 2])


def garbage(folder: Path) -> None:
    """Write noise instead of a model."""
    write_model(folder, bytes(range(256)) * 40)


def oversized(folder: Path) -> None:
    """Make the file larger than may be read, without writing it."""
    with (folder / "occupancy.tflite").open("r+b") as file:
        file.truncate(model_files.MODEL_BYTES_LIMIT + 1)


def unknown_operator(folder: Path) -> None:
    """Give an operator a code that no model of ours has."""
    write_model(folder, with_unknown_operator((folder / "occupancy.tflite").read_bytes()))


def with_unknown_operator(data: bytes) -> bytes:
    """Return a model whose first operator is CALL_ONCE, which has nothing to do in a network."""
    table = _table(data, 1)
    # deprecated_builtin_code is a byte, builtin_code an int; a reader takes the larger.
    changed = bytearray(data)
    for field in (0, 3):
        position = _field(data, table, field)
        if position is not None:
            changed[position] = 129 if field == 3 else 127
    return bytes(changed)


def _u32(data: bytes, position: int) -> int:
    """Return an unsigned 32-bit number."""
    return int.from_bytes(data[position : position + 4], "little")


def _field(data: bytes, table: int, index: int) -> int | None:
    """Return where a table's field lies, None when it is not stored."""
    vtable = table - int.from_bytes(data[table : table + 4], "little", signed=True)
    slot = 4 + 2 * index
    if slot >= int.from_bytes(data[vtable : vtable + 2], "little"):
        return None
    offset = int.from_bytes(data[vtable + slot : vtable + slot + 2], "little")
    return table + offset if offset else None


def _table(data: bytes, field: int) -> int:
    """Return the first table in a vector of the root."""
    position = _field(data, _u32(data, 0), field)
    assert position is not None
    vector = position + _u32(data, position)
    return vector + 4 + _u32(data, vector + 4)


def wrong_hash(folder: Path) -> None:
    """Let the manifest vouch for another file."""
    change_manifest(folder, sha256="0" * 64)


def misfit(folder: Path) -> None:
    """Claim features that this version does not have."""
    change_manifest(folder, features_version=999)


def wrong_task(folder: Path) -> None:
    """Claim that the model is for something else."""
    change_manifest(folder, task="fault")


def missing(folder: Path) -> None:
    """Delete the model beside its manifest."""
    (folder / "occupancy.tflite").unlink()


def outside(folder: Path) -> None:
    """Make the model a link that leads out of the folder."""
    (folder / "occupancy.tflite").unlink()
    (folder / "occupancy.tflite").symlink_to(SHIPPED / "occupancy.tflite")


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (truncated, ModelFault.TRUNCATED),
    (garbage, ModelFault.NOT_A_MODEL),
    (oversized, ModelFault.OVERSIZED),
    (unknown_operator, ModelFault.UNSUPPORTED_OPERATOR),
    (wrong_hash, ModelFault.HASH_MISMATCH),
    (misfit, ModelFault.MANIFEST_MISFIT),
    (wrong_task, ModelFault.MANIFEST_MISFIT),
    (missing, ModelFault.MISSING),
    (outside, OUTSIDE),
]


@pytest.mark.parametrize(("spoil", "fault"), FAULTS)
async def test_a_bad_home_model_gives_way_to_the_shipped_one(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, spoil: Callable[[Path], None], fault: str
) -> None:
    """Refuse the file with a sentence of its own; the rooms go on with the shipped model."""
    copy_shipped(folder)
    spoil(folder)
    await set_up(hass, entry)
    assert issue_ids(hass) == {f"model_home_{fault}"}
    issue = ir.async_get(hass).async_get_issue("inkling", f"model_home_{fault}")
    assert issue is not None
    assert issue.translation_key == f"home_model_{fault}"
    assert issue.severity is ir.IssueSeverity.WARNING
    assert entry.runtime_data.found.origin is Origin.SHIPPED
    for room in ("office", "kitchen"):
        assert state_of(hass, f"binary_sensor.{room}_occupancy") == "off"


@pytest.mark.parametrize(("spoil", "fault"), FAULTS)
async def test_a_bad_shipped_model_leaves_rooms_unknown(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    fault: str,
) -> None:
    """Say what to do when no model is left, and come back once it is put right."""
    shipped = tmp_path / "models"
    shipped.mkdir()
    copy_shipped(shipped)
    spoil(shipped)
    with patch.object(model_files, "shipped_folders", return_value=(shipped,)):
        await set_up(hass, entry)
    assert issue_ids(hass) == {f"model_shipped_{fault}"}
    issue = ir.async_get(hass).async_get_issue("inkling", f"model_shipped_{fault}")
    assert issue is not None
    assert (issue.translation_key, issue.severity) == (f"model_{fault}", ir.IssueSeverity.ERROR)
    assert state_of(hass, "binary_sensor.office_occupancy") == "unknown"
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert not issue_ids(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"


async def test_no_model_at_all(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Say that the installation came without a model."""
    with patch.object(model_files, "shipped_folders", return_value=()):
        await set_up(hass, entry)
    assert issue_ids(hass) == {"model_shipped_missing"}


async def test_a_home_model_wins(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Prefer what was trained for this home."""
    copy_shipped(folder)
    change_manifest(folder, name="home", version="7")
    await set_up(hass, entry)
    assert entry.runtime_data.found.origin is Origin.HOME
    assert entry.runtime_data.found.model.manifest.name == "home"
    assert not issue_ids(hass)


async def test_litert_that_is_gone(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Run on the portable backend and say so, until the choice is taken back."""
    hass.config_entries.async_update_entry(entry, options={"backend": "litert"})
    with patch.object(model_files, "available", lambda kind: kind is BackendKind.PORTABLE):
        await set_up(hass, entry)
    assert issue_ids(hass) == {"backend_missing"}
    portable = entry.runtime_data.found.model.backend.name
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"
    hass.config_entries.async_update_entry(entry, options={"backend": "portable"})
    await settle(hass)
    assert not issue_ids(hass)
    assert entry.runtime_data.found.model.backend.name == portable


async def test_a_file_that_breaks_its_reader(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Set up all the same when the code that reads a model fails in a way nobody thought of."""
    with patch.object(model_files, "open_model", side_effect=RecursionError):
        await set_up(hass, entry)
    assert issue_ids(hass) == {"model_shipped_runtime"}
    assert "could not be tried" in caplog.text
    assert state_of(hass, "binary_sensor.office_occupancy") == "unknown"


def test_a_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    """Never read more than may be read."""
    folder = tmp_path / "inkling" / "models"
    folder.mkdir(parents=True)
    copy_shipped(folder)
    size = (folder / "occupancy.json").stat().st_size
    with patch.object(model_files, "MANIFEST_BYTES_LIMIT", size - 1):
        found = load_model(tmp_path, BackendKind.PORTABLE)
    assert [problem.fault for problem in found.problems if problem.origin is Origin.HOME] == [ModelFault.OVERSIZED]


async def test_shipped_model_sees_somebody_come(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, freezer: FrozenDateTimeFactory
) -> None:
    """Follow a person with the model as shipped: a quiet hour, then ten minutes of movement and breath."""
    await set_up(hass, entry)
    for _ in range(60):
        freezer.tick(60.0)
        async_fire_time_changed(hass)
    await settle(hass)
    before = int(state_of(hass, "sensor.office_occupancy_probability"))
    assert state_of(hass, "binary_sensor.office_occupancy") == "off"
    for minute in range(10):
        hass.states.async_set("binary_sensor.office_motion", "on")
        hass.states.async_set("sensor.office_co2", str(500 + 30 * minute), {"unit_of_measurement": "ppm"})
        freezer.tick(60.0)
        async_fire_time_changed(hass)
        await settle(hass)
    assert state_of(hass, "binary_sensor.office_occupancy") == "on"
    assert int(state_of(hass, "sensor.office_occupancy_probability")) > before
    assert "Office" in state_of(hass, "sensor.office_reason") or "office" in state_of(hass, "sensor.office_reason")


@pytest.mark.skipif(not available(BackendKind.LITERT), reason="LiteRT is not installed here")
async def test_litert_says_the_same(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Get the same probability from both backends."""
    await set_up(hass, entry)
    portable = entry.runtime_data.coordinator.data
    hass.config_entries.async_update_entry(entry, options={"backend": "litert"})
    await settle(hass)
    assert entry.runtime_data.found.model.backend.name.lower().startswith("litert")
    for room, verdict in entry.runtime_data.coordinator.data.items():
        assert verdict.score.probability == pytest.approx(portable[room].score.probability, abs=0.01)
