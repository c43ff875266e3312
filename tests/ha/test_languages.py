"""The five languages: the same keys, the same placeholders, and nothing left in English."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.inkling.const import DOMAIN
from custom_components.inkling.phrases import async_load_phrases

FOLDER = Path(__file__).parents[2] / "custom_components" / DOMAIN
LANGUAGES = ("de", "en", "fr", "nl", "zh-Hans")
OTHERS = tuple(language for language in LANGUAGES if language != "en")
# So many words in a row that are the same as in English were forgotten, not translated.
_WORDS_ALIKE = 3


def texts(tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text with its path."""
    for key, value in tree.items():
        below = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from texts(value, below)
        else:
            yield below, value


def read(language: str) -> dict[str, str]:
    """Return a language's texts by their paths."""
    return dict(texts(json.loads((FOLDER / "translations" / f"{language}.json").read_text(encoding="utf-8"))))


ENGLISH = read("en")


def placeholders(text: str) -> list[str]:
    """Return the names in braces, as often as they come."""
    return sorted(re.findall(r"{(\w+)}", text))


def test_there_are_five() -> None:
    """Ship these languages and no half one beside them."""
    assert sorted(path.stem for path in (FOLDER / "translations").glob("*.json")) == sorted(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_same_keys_in_the_same_order(language: str) -> None:
    """Say everything in every language; the order makes differences easy to read."""
    assert list(read(language)) == list(ENGLISH)


@pytest.mark.parametrize("language", OTHERS)
def test_same_placeholders(language: str) -> None:
    """Name in each sentence what English names."""
    found = read(language)
    assert [path for path, text in ENGLISH.items() if placeholders(found.get(path, "")) != placeholders(text)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    """Translate each sentence; a single word may well be the same in two languages."""
    found = read(language)
    alike = [path for path, text in ENGLISH.items() if len(text.split()) > _WORDS_ALIKE and found.get(path) == text]
    assert alike == []


@pytest.mark.parametrize("language", OTHERS)
def test_texts_are_plain(language: str) -> None:
    """Allow no HTML, no addresses and no stray spaces."""
    odd = re.compile(r"^\s|\s$|<[a-z/]|https?://|'{\w+}'|  ")
    assert [path for path, text in read(language).items() if not text or odd.search(text)] == []


@pytest.mark.parametrize("language", OTHERS)
async def test_home_assistant_speaks_it(hass: HomeAssistant, language: str) -> None:
    """Find the texts the way Home Assistant does, the sentences that code puts together included."""
    found = read(language)
    for category in ("config", "entity", "issues", "services", "config_panel"):
        loaded = await async_get_translations(hass, language, category, [DOMAIN])
        for path, text in found.items():
            if path.startswith(f"{category}."):
                assert loaded[f"component.{DOMAIN}.{path}"] == text
    hass.config.language = language
    phrases = await async_load_phrases(hass)
    assert phrases["role_motion"] == found["common.role_motion"] != ENGLISH["common.role_motion"]
