"""Verdicts in words, in the user's language."""

from collections.abc import Callable, Mapping

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .core.explain import ELSEWHERE, HOME
from .core.verdict import Contribution, Verdict
from .forms import Refusal

# Weaker than this does not move a probability by a visible step.
_MENTION_LOG_ODDS = 0.1
_MENTIONED = 3
_STATE_LENGTH = 255


class Phrases(dict[str, str]):
    """Sentences by key; one that a translation lacks shows its key instead of breaking what asks for it."""

    def __missing__(self, key: str) -> str:
        """Return the key."""
        return key


async def async_load_phrases(hass: HomeAssistant) -> Phrases:
    """Return our sentences by key in the language Home Assistant is set to; English where one is missing."""
    found = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    prefix = f"component.{DOMAIN}.common."
    return Phrases({key.removeprefix(prefix): text for key, text in found.items() if key.startswith(prefix)})


def entity_of(signal: str) -> str:
    """Return the entity a signal id ends in; "elsewhere" and "home" stand for themselves."""
    return signal.rsplit("/", 1)[-1]


def reason(verdict: Verdict, phrases: Mapping[str, str], name_of: Callable[[str], str]) -> str:
    """Return one or two sentences that name what speaks for somebody in the room, and what against."""
    if verdict.score.unknown is not None:
        return phrases[f"reason_{verdict.score.unknown}"]
    if verdict.model is None:
        return phrases["reason_restored"]
    strong = [item for item in verdict.contributions if abs(item.log_odds) >= _MENTION_LOG_ODDS][:_MENTIONED]
    if not strong:
        return phrases["reason_unclear"]
    sentences = []
    for key, wanted in (("reason_for", True), ("reason_against", False)):
        names = [_name(item, phrases, name_of) for item in strong if (item.log_odds > 0.0) is wanted]
        if names:
            sentences.append(phrases[key].replace("{signals}", ", ".join(dict.fromkeys(names))))
    text = " ".join(sentences)
    return text if len(text) <= _STATE_LENGTH else f"{text[: _STATE_LENGTH - 1]}…"


def _name(item: Contribution, phrases: Mapping[str, str], name_of: Callable[[str], str]) -> str:
    """Return what a user calls a contribution's source."""
    if item.signal in (ELSEWHERE, HOME):
        return phrases[f"source_{item.signal}"]
    return name_of(entity_of(item.signal))


def contributions_by_entity(verdict: Verdict) -> dict[str, float]:
    """Return signed log-odds by entity, an entity in several roles summed, strongest first."""
    found: dict[str, float] = {}
    for item in verdict.contributions:
        source = entity_of(item.signal)
        found[source] = found.get(source, 0.0) + item.log_odds
    return {source: round(value, 2) for source, value in found.items()}


def refusal_placeholders(phrases: Mapping[str, str], found: Refusal) -> dict[str, str]:
    """Return what the sentence of a refused entity names."""
    role = "" if found.role is None else phrases[f"role_{found.role}"]
    return {"entity": found.entity_id, "role": role}
