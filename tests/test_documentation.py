"""The pages against what there is: whatever a user can call, hear or meet is in them."""

import json
from pathlib import Path
import re

import pytest
import yaml

ROOT = Path(__file__).parents[1]
COMPONENT = ROOT / "custom_components" / "inkling"
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = {path: path.read_text(encoding="utf-8") for path in FILES}
TEXT = "\n".join(PAGES.values())
BLUEPRINTS = sorted((ROOT / "blueprints" / "automation" / "inkling").glob("*.yaml"))
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#([^)\s]+))?\)")


def keys(name: str) -> list[str]:
    """Return what a YAML file of the component describes."""
    return [key for key in yaml.safe_load((COMPONENT / name).read_text(encoding="utf-8")) if not key.startswith(".")]


@pytest.mark.parametrize("action", keys("services.yaml"))
def test_every_action_is_documented(action: str) -> None:
    """Have each action, by the name it is called by, in the pages."""
    assert f"inkling.{action}" in TEXT


@pytest.mark.parametrize("key", [*keys("triggers.yaml"), *keys("conditions.yaml")])
def test_every_trigger_and_condition_is_documented(key: str) -> None:
    """Have each trigger and condition, by the name YAML has for it, in the pages."""
    assert f"inkling.{key}" in TEXT


@pytest.mark.parametrize("blueprint", BLUEPRINTS, ids=lambda path: path.stem)
def test_every_blueprint_can_be_imported(blueprint: Path) -> None:
    """Link each blueprint's file and its import in the page on automations."""
    page = PAGES[ROOT / "docs" / "automations.md"]
    assert f"blueprints/automation/inkling/{blueprint.name}" in page
    assert f"inkling%2F{blueprint.name}" in page


def test_every_option_of_the_home_is_documented() -> None:
    """Have the label of each option in the page on settings."""
    step = json.loads((COMPONENT / "strings.json").read_text(encoding="utf-8"))["options"]["step"]["init"]
    labels = [*step["data"].values(), *(label for part in step["sections"].values() for label in part["data"].values())]
    page = PAGES[ROOT / "docs" / "usage.md"].casefold()
    assert [label for label in labels if label.casefold() not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Find the file behind each link, and the heading where one is named."""
    for target, anchor in _LINK.findall(PAGES[page]):
        path = (page.parent / target).resolve()
        assert path.exists(), f"{page.name} links {target}"
        if anchor and path.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{page.name} links {target}#{anchor}"


def test_languages_have_a_readme() -> None:
    """Lead from each README to the other."""
    assert "README.zh-Hans.md" in PAGES[ROOT / "README.md"]
    assert "(README.md)" in (ROOT / "README.zh-Hans.md").read_text(encoding="utf-8")
