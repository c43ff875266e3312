"""The manifest beside a `.tflite`: what goes in, what comes out, how to decide, and where it comes from.

The file is untrusted input: it is checked field by field, and anything that does not fit is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import json
import re
from typing import Any, TypeVar

from .calibrate import Calibration
from .decide import DecisionParameters
from .evidence import Evidence

MANIFEST_BYTES_LIMIT = 262_144
_STEPS_LIMIT = 4096
_CHANNELS_LIMIT = 512
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_VERSION = re.compile(r"[0-9A-Za-z.+_:-]{1,64}")
_QUANTISATION = re.compile(r"[a-z0-9_]{1,32}")
_CHANNEL = re.compile(r"[a-z0-9_.]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_Choice = TypeVar("_Choice", bound=StrEnum)


class ManifestError(ValueError):
    """Say in one sentence what in a manifest does not fit."""


class Task(StrEnum):
    """What a model is for."""

    OCCUPANCY = "occupancy"
    FORECAST = "forecast"
    FAULT = "fault"


class OutputKind(StrEnum):
    """What a model's number means."""

    LOG_ODDS = "log_odds"
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """The window a model sees: named channels on a grid."""

    channels: tuple[str, ...]
    steps: int
    step_seconds: float

    @property
    def window_seconds(self) -> float:
        """Return the length of the window."""
        return self.steps * self.step_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A checked manifest; `evaluation` and `provenance` are kept as they came, for the card and diagnostics."""

    name: str
    task: Task
    version: str
    features_version: int
    input: InputSpec
    output: OutputKind
    quantisation: str
    calibration: Calibration
    decision: DecisionParameters
    sha256: str
    provenance: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    evidence: Evidence = field(default_factory=Evidence)


def _field(source: Mapping[str, Any], key: str, kind: type | tuple[type, ...]) -> Any:  # noqa: ANN401 - JSON
    """Return a field of the right JSON type; a bool is no number."""
    value = source.get(key)
    if not isinstance(value, kind) or (
        isinstance(value, bool) and bool not in (kind if isinstance(kind, tuple) else (kind,))
    ):
        message = f"the manifest's field {key!r} is missing or of the wrong type"
        raise ManifestError(message)
    return value


def _number(source: Mapping[str, Any], key: str, low: float, high: float) -> float:
    """Return a finite number within limits."""
    value = _field(source, key, (int, float))
    # Compared before it becomes a float: a whole number may be too large for one. NaN fails the comparison.
    if not low <= value <= high:
        message = f"the manifest's field {key!r} must be a number between {low} and {high}"
        raise ManifestError(message)
    return float(value)


def _count(source: Mapping[str, Any], key: str, high: int) -> int:
    """Return a whole number from 1."""
    value: int = _field(source, key, int)
    if not 1 <= value <= high:
        message = f"the manifest's field {key!r} must be a whole number between 1 and {high}"
        raise ManifestError(message)
    return value


def _free(source: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an object that is kept as it came; NaN and infinity are no JSON and would break whoever shows it."""
    value: Mapping[str, Any] = _field(source, key, dict)
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError) as err:
        message = f"the manifest's field {key!r} holds NaN or infinity, or is nested too deeply; write null instead"
        raise ManifestError(message) from err
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, refused when it names a field twice: readers would disagree which one counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        message = f"the manifest has the field {twice[:80]!r} twice"
        raise ManifestError(message)
    return found


def _text(source: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    """Return a text that matches a pattern as a whole."""
    value: str = _field(source, key, str)
    if not pattern.fullmatch(value):
        message = f"the manifest's field {key!r} reads {value[:80]!r}, which is not of its form"
        raise ManifestError(message)
    return value


def _choice(source: Mapping[str, Any], key: str, kind: type[_Choice]) -> _Choice:
    """Return a member of an enumeration."""
    value: str = _field(source, key, str)
    if value not in {member.value for member in kind}:
        message = f"the manifest's field {key!r} is {value[:80]!r}; known are {', '.join(kind)}"
        raise ManifestError(message)
    return kind(value)


def _input(source: Mapping[str, Any]) -> InputSpec:
    """Return the checked input spec."""
    channels = _field(source, "channels", list)
    if not 0 < len(channels) <= _CHANNELS_LIMIT or not all(
        isinstance(name, str) and _CHANNEL.fullmatch(name) for name in channels
    ):
        message = f"the manifest's field 'channels' must be 1 to {_CHANNELS_LIMIT} channel names"
        raise ManifestError(message)
    if len(set(channels)) != len(channels):
        message = "the manifest's field 'channels' names one twice"
        raise ManifestError(message)
    return InputSpec(
        channels=tuple(channels),
        steps=_count(source, "steps", _STEPS_LIMIT),
        step_seconds=_number(source, "step_seconds", 1.0, 86_400.0),
    )


def _decision(source: Mapping[str, Any]) -> DecisionParameters:
    """Return the checked decision parameters."""
    try:
        return DecisionParameters(
            on_threshold=_number(source, "on_threshold", 0.0, 1.0),
            off_threshold=_number(source, "off_threshold", 0.0, 1.0),
            on_delay_seconds=_number(source, "on_delay_seconds", 0.0, 86_400.0),
            off_delay_seconds=_number(source, "off_delay_seconds", 0.0, 86_400.0),
        )
    except ManifestError:
        raise
    except ValueError as err:
        raise ManifestError(f"the manifest's field 'decision' does not fit: {err}") from err


def _calibration(source: Mapping[str, Any]) -> Calibration:
    """Return the checked calibration; a negative slope would turn the model's answer round."""
    return Calibration(slope=_number(source, "slope", 1e-3, 1e3), intercept=_number(source, "intercept", -100.0, 100.0))


def _evidence(source: Mapping[str, Any]) -> Evidence:
    """Return the checked evidence; a model without any relies on its network alone."""
    if "evidence" not in source:
        return Evidence()
    found = _field(source, "evidence", dict)
    return Evidence(
        motion_log_odds=_number(found, "motion_log_odds", -100.0, 100.0),
        stuck_seconds=_number(found, "stuck_seconds", 1.0, 604_800.0),
    )


def parse_manifest(data: bytes) -> Manifest:
    """Return the manifest in these bytes; raise ManifestError naming the first thing that does not fit."""
    if len(data) > MANIFEST_BYTES_LIMIT:
        message = f"the manifest is {len(data)} bytes long, more than the {MANIFEST_BYTES_LIMIT} allowed"
        raise ManifestError(message)
    try:
        source = json.loads(data, object_pairs_hook=_unique)
    except ManifestError:
        raise
    except (ValueError, RecursionError) as err:
        message = "the manifest is not JSON"
        raise ManifestError(message) from err
    if not isinstance(source, dict):
        message = "the manifest is not a JSON object"
        raise ManifestError(message)
    return Manifest(
        name=_text(source, "name", _NAME),
        task=_choice(source, "task", Task),
        version=_text(source, "version", _VERSION),
        features_version=_count(source, "features_version", 1_000_000),
        input=_input(_field(source, "input", dict)),
        output=_choice(_field(source, "output", dict), "kind", OutputKind),
        quantisation=_text(source, "quantisation", _QUANTISATION),
        calibration=_calibration(_field(source, "calibration", dict)),
        decision=_decision(_field(source, "decision", dict)),
        sha256=_text(source, "sha256", _SHA256),
        provenance=_free(source, "provenance"),
        evaluation=_free(source, "evaluation"),
        evidence=_evidence(source),
    )
