"""The files around the code: manifest, HACS, workflows, lock files and what must never be committed."""

import ast
import json
from pathlib import Path
import re
import struct
import subprocess
import tomllib
from typing import Any

from homeassistant.const import Platform
import pytest
import yaml

from tests.architecture.sources import COMPONENT, ROOT, imported_names, read_sources, tracked_files

MANIFEST: dict[str, Any] = json.loads((COMPONENT / "manifest.json").read_text(encoding="utf-8"))
HACS: dict[str, Any] = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = [*(path for path in sorted((ROOT / "scripts").iterdir()) if path.is_file()), ROOT / ".ci" / "run"]
MANIFEST_KEYS = {
    "domain", "name", "after_dependencies", "codeowners", "config_flow", "dependencies", "documentation",
    "import_executor", "integration_type", "iot_class", "issue_tracker", "loggers", "preview_features", "quality_scale",
    "requirements", "single_config_entry", "version",
}  # fmt: skip
HACS_KEYS = {
    "name", "content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant",
    "persistent_directory", "render_readme", "zip_release",
}  # fmt: skip
# What hassfest lets any integration import without naming it as a dependency.
ALWAYS_THERE = {platform.value for platform in Platform} | {
    "automation", "device_automation", "diagnostics", "homeassistant", "person", "persistent_notification", "repairs",
    "system_health", "websocket_api", "zone",
}  # fmt: skip
# One index, and one host that it serves files from: a mirror beside them would be a third.
LOCK_HOSTS = 2
# Data sets that may only be evaluated on, never shipped.
EVALUATION_ONLY = ("casas_al_home", "casas_aruba_activities", "graz_room")
# Absolute folders that only one machine has: this checkout's own, and anybody's home.
MACHINE_PATHS = re.compile(re.escape(str(ROOT)).encode() + rb"/|(?<![\w.])/(?:root|home/\w+)/(?!\.\.)")
MAX_FILE_BYTES = 2_000_000


def test_manifest_is_in_hassfest_order() -> None:
    """Put domain and name first, then the rest alphabetically, and know every key."""
    keys = list(MANIFEST)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert set(keys) <= MANIFEST_KEYS
    assert MANIFEST["domain"] == COMPONENT.name
    assert MANIFEST["documentation"].startswith("https://github.com/")
    assert MANIFEST["config_flow"] == (COMPONENT / "config_flow.py").exists()
    assert (MANIFEST["integration_type"], MANIFEST["iot_class"]) == ("service", "calculated")


def test_versions_agree() -> None:
    """Give the project and the integration one version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert MANIFEST["version"] == project["version"]


def test_imported_integrations_are_dependencies() -> None:
    """Name every Home Assistant integration that the code imports, as hassfest wants."""
    prefix = "homeassistant.components."
    used = {
        name.removeprefix(prefix).split(".")[0]
        for source in read_sources(COMPONENT)
        for name in imported_names(source)
        if name.startswith(prefix)
    }
    named = {*MANIFEST.get("dependencies", ()), *MANIFEST.get("after_dependencies", ())}
    assert used
    assert used <= named | ALWAYS_THERE


def test_hacs_finds_a_zip() -> None:
    """Tell HACS to take the release zip, for the Home Assistant we need."""
    assert set(HACS) <= HACS_KEYS
    assert (HACS["zip_release"], HACS["filename"], HACS["homeassistant"]) == (True, "inkling.zip", "2026.10.0")
    assert (ROOT / "README.md").exists()
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert [path.name for path in (ROOT / "custom_components").iterdir() if path.name != "__pycache__"] == ["inkling"]


@pytest.mark.parametrize("prefix", ["", "dark_"])
@pytest.mark.parametrize(("suffix", "factor"), [("", 1), ("@2x", 2)])
def test_brand_pictures_fit(prefix: str, suffix: str, factor: int) -> None:
    """Ship icon and logo that HACS and Home Assistant show, for light and dark, in the sizes they want."""
    sizes = {}
    for name in ("icon", "logo"):
        head = (COMPONENT / "brand" / f"{prefix}{name}{suffix}.png").read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        sizes[name] = struct.unpack(">II", head[16:])
    assert sizes["icon"] == (256 * factor, 256 * factor)
    width, height = sizes["logo"]
    assert 128 * factor <= height <= 256 * factor < width


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_is_pinned_and_unprivileged(path: Path) -> None:
    """Pin every action to a commit and start every workflow without rights."""
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    uses = re.findall(r"uses:\s*(\S+)(.*)", text)
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) and " # " in rest for action, rest in uses)


def test_workflows_cover_the_promises() -> None:
    """Run lint, the tests on every Python, hassfest, HACS and the release."""
    assert {path.stem for path in WORKFLOWS} == {"release", "test", "validate"}
    matrix = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    assert matrix["jobs"]["core"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    validate = (ROOT / ".github/workflows/validate.yml").read_text(encoding="utf-8")
    assert "home-assistant/actions/hassfest@" in validate
    assert "hacs/action@" in validate
    assert "scripts/package" in (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", ["uv.lock", "training/uv.lock"])
def test_lock_names_only_the_public_index(lock: str) -> None:
    """Keep mirrors and machines out of the lock files."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    sources = set(re.findall(r'registry = "([^"]+)"', text))
    hosts = set(re.findall(r'url = "(https?://[^/"]+)', text))
    assert len(sources) == 1
    assert len(sources | hosts) == LOCK_HOSTS
    assert all(re.fullmatch(r"https://[a-z.]+(/simple)?", address) for address in sources | hosts)
    assert "file://" not in text


@pytest.mark.parametrize("folder", [ROOT, ROOT / "training"], ids=lambda folder: folder.name)
def test_lock_knows_every_requirement(folder: Path) -> None:
    """Find each direct requirement in the lock: `uv sync --frozen` would silently leave out a forgotten one."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    locked = tomllib.loads((folder / "uv.lock").read_text(encoding="utf-8"))["package"]
    wanted = [
        *project["project"]["dependencies"],
        *(line for group in project["dependency-groups"].values() for line in group),
    ]
    (ours,) = (package for package in locked if package["name"] == project["project"]["name"])
    known = [*ours.get("metadata", {}).get("requires-dist", ())]
    known += [line for group in ours["metadata"]["requires-dev"].values() for line in group]
    assert {re.split(r"[<>=!~;\[ ]", line)[0].lower() for line in wanted} == {line["name"] for line in known}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_is_ready_to_run(script: Path) -> None:
    """Find each script executable, strict or Python, and without syntax errors."""
    text = script.read_text(encoding="utf-8")
    assert script.stat().st_mode & 0o111
    if text.startswith("#!/usr/bin/env bash"):
        assert "set -euo pipefail" in text
        subprocess.run(["bash", "-n", script], check=True)
    else:
        assert text.startswith("#!/usr/bin/env python3")
        ast.parse(text)


def test_ci_runs_what_a_developer_runs() -> None:
    """Let continuous integration call scripts/test and nothing else."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec scripts/test"]


def test_nothing_private_is_committed() -> None:
    """Find no path of a developer's machine, no evaluation-only data and no large file in the repository."""
    paths = tracked_files()
    assert len(paths) > 50
    names = [path.relative_to(ROOT).as_posix() for path in paths]
    assert not [name for name in names if any(data in name for data in EVALUATION_ONLY)]
    assert not [name for name, path in zip(names, paths, strict=True) if path.stat().st_size > MAX_FILE_BYTES]
    texts = {name: path.read_bytes() for name, path in zip(names, paths, strict=True) if path != Path(__file__)}
    assert not [name for name, text in texts.items() if b"\0" not in text and MACHINE_PATHS.search(text)]
