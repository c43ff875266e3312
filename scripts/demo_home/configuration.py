"""Write the demo's configuration folder; what Home Assistant has written there since stays."""

from datetime import UTC, datetime
import json
import os
from pathlib import Path
import shutil
from typing import Any

from .files import write_whole

CHECKOUT = Path(__file__).resolve().parents[2]
COMPONENTS = {
    "inkling": CHECKOUT / "custom_components" / "inkling",
    "inkling_demo": CHECKOUT / "scripts" / "demo_home" / "inkling_demo",
}
# Named one by one: `default_config` fails where its helpers are missing, and asks the network.
CONFIGURATION = """\
# Written by scripts/demo at every start.
homeassistant:
  name: Inkling demo home
  latitude: 52.37
  longitude: 4.9
  elevation: 2
  unit_system: metric
  currency: EUR
  country: NL
  language: en
  time_zone: {time_zone}
frontend:
config:
recorder:
  commit_interval: 1
history:
logbook:
logger:
  default: warning
  logs:
    custom_components.inkling: info
automation: !include automations.yaml
script: !include scripts.yaml
scene: !include scenes.yaml
inkling_demo:
"""
# The steps that would ask the network for the weather, a radio or statistics are done with.
ONBOARDING = {"done": ["core_config", "analytics", "integration"]}


def write_configuration(config: Path, port: int) -> None:
    """Write or refresh the folder of a Home Assistant that listens on loopback only."""
    bind_to_loopback(config, port)
    (config / "console.log").unlink(missing_ok=True)
    write_whole(config / "configuration.yaml", CONFIGURATION.format(time_zone=_time_zone()))
    for name in ("automations.yaml", "scripts.yaml", "scenes.yaml"):
        if not (config / name).is_file():
            write_whole(config / name, "[]\n" if name != "scripts.yaml" else "{}\n")
    if not (config / ".storage" / "onboarding").is_file():
        write_whole(config / ".storage" / "onboarding", json.dumps(_stored("onboarding", 4, 1, ONBOARDING)))
    link_components(config)


def link_components(config: Path) -> None:
    """Let Home Assistant load the checkout's own files."""
    folder = config / "custom_components"
    folder.mkdir(exist_ok=True)
    for name, source in COMPONENTS.items():
        target = folder / name
        if target.is_symlink() or target.is_file():
            target.unlink()
        elif target.is_dir():
            shutil.rmtree(target)
        target.symlink_to(source, target_is_directory=True)


def bind_to_loopback(config: Path, port: int) -> None:
    """Have Home Assistant listen on this port of this machine only; its YAML for that reverts itself."""
    (config / ".storage").mkdir(parents=True, exist_ok=True)
    write_whole(config / ".storage" / "http", json.dumps(_http(port)))


def _http(port: int) -> dict[str, Any]:
    """Return the stored settings of the web server; in YAML they would be taken back after five minutes."""
    stable = {
        "server_port": port,
        "server_host": ["127.0.0.1"],
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    return _stored("http", 2, 2, {"stable": stable, "pending": None, "yaml_migration_done": True})


def _stored(key: str, version: int, minor_version: int, data: dict[str, Any]) -> dict[str, Any]:
    """Return data as Home Assistant's storage wraps it."""
    return {"version": version, "minor_version": minor_version, "key": key, "data": data}


def _time_zone() -> str:
    """Return the machine's time zone by name, UTC where it has none."""
    zone = os.environ.get("TZ", "").removeprefix(":")
    if not zone and Path("/etc/localtime").is_symlink():
        zone = str(Path("/etc/localtime").readlink()).partition("zoneinfo/")[2]
    return zone if "/" in zone else "UTC"


def stored_data(config: Path, key: str) -> dict[str, Any]:
    """Return what Home Assistant keeps under a key, empty when it keeps nothing."""
    path = config / ".storage" / key
    if not path.is_file():
        return {}
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["data"]
    return data
