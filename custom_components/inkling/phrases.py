"""Verdicts in words, in the user's language."""

from collections.abc import Callable, Iterable, Mapping

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .core.explain import ELSEWHERE, HOME
from .core.verdict import Contribution, Verdict
from .forms import Refusal

# Weaker than this does not move a probability by a visible step.
_MENTION_LOG_ODDS = 0.1
_MENTIONED = 3
_EVEN = 0.5
_STATE_LENGTH = 255


class Phrases(dict[str, str]):
    """Sentences by key; one that a translation lacks shows its key instead of breaking what asks for it."""

    def __missing__(self, key: str) -> str:
        """Return the key."""
        return key


async def async_load_phrases(hass: HomeAssistant, language: str | None = None) -> Phrases:
    """Return our sentences by key in a language, else Home Assistant's own; English where one is missing."""
    found = await async_get_translations(hass, language or hass.config.language, "common", [DOMAIN])
    prefix = f"component.{DOMAIN}.common."
    return Phrases({key.removeprefix(prefix): text for key, text in found.items() if key.startswith(prefix)})


def entity_of(signal: str) -> str:
    """Return the entity a signal id ends in; "elsewhere" and "home" stand for themselves."""
    return signal.rsplit("/", 1)[-1]


def reason(
    verdict: Verdict, phrases: Mapping[str, str], name_of: Callable[[str], str], masked: Iterable[str] = ()
) -> str:
    """Return up to three sentences: what the answer rests on, what was strongest against it, what is not believed."""
    text = _reason(verdict, phrases, name_of)
    if verdict.said is not None and verdict.score.unknown is None:
        text = f"{phrases[f'reason_said_{"occupied" if verdict.said else "vacant"}']} {text}"
    if names := ", ".join(name_of(entity_id) for entity_id in masked):
        text = f"{phrases['reason_masked'].replace('{signals}', names)} {text}"
    return text if len(text) <= _STATE_LENGTH else f"{text[: _STATE_LENGTH - 1]}…"


def _reason(verdict: Verdict, phrases: Mapping[str, str], name_of: Callable[[str], str]) -> str:
    """Return one or two sentences that name what the answer rests on, and what was strongest against it."""
    if verdict.score.unknown is not None:
        return phrases[f"reason_{verdict.score.unknown}"]
    if verdict.model is None:
        return phrases["reason_restored"]
    is_likely = verdict.score.probability is not None and verdict.score.probability >= _EVEN
    strong = [item for item in verdict.contributions if abs(item.log_odds) >= _MENTION_LOG_ODDS]
    # First the side that won, then what was said against it.
    won = _names([item for item in strong if (item.log_odds > 0.0) is is_likely][:_MENTIONED], phrases, name_of)
    lost = _names([item for item in strong if (item.log_odds > 0.0) is not is_likely][:1], phrases, name_of)
    keys = ("reason_for", "reason_against") if is_likely else ("reason_against", "reason_for")
    text = (
        phrases[keys[0]].replace("{signals}", won) if won else phrases[f"reason_{'likely' if is_likely else 'quiet'}"]
    )
    if lost:
        text = f"{text} {phrases[keys[1]].replace('{signals}', lost)}"
    return text


def _names(items: Iterable[Contribution], phrases: Mapping[str, str], name_of: Callable[[str], str]) -> str:
    """Return what a user calls the sources, each once."""
    return ", ".join(dict.fromkeys(_name(item, phrases, name_of) for item in items))


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
