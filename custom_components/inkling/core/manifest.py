"""The manifest beside a `.tflite`: what goes in, what comes out, how to decide, and where it comes from.

The file is untrusted input: it is checked field by field, and anything that does not fit is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import json
import math
import re
from typing import Any, TypeVar

from .calibrate import Calibration
from .decide import DecisionParameters

MANIFEST_BYTES_LIMIT = 262_144
_STEPS_LIMIT = 4096
_CHANNELS_LIMIT = 512
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
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
    value = float(_field(source, key, (int, float)))
    if not math.isfinite(value) or not low <= value <= high:
        message = f"the manifest's field {key!r} must lie between {low} and {high}, not {value}"
        raise ManifestError(message)
    return value


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
    if not 0 < len(channels) <= _CHANNELS_LIMIT or not all(isinstance(name, str) for name in channels):
        message = f"the manifest's channels must be 1 to {_CHANNELS_LIMIT} names"
        raise ManifestError(message)
    if len(set(channels)) != len(channels):
        message = "the manifest names a channel twice"
        raise ManifestError(message)
    return InputSpec(
        channels=tuple(channels),
        steps=int(_number(source, "steps", 1, _STEPS_LIMIT)),
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
        raise ManifestError(str(err)) from err


def _calibration(source: Mapping[str, Any]) -> Calibration:
    """Return the checked calibration; a negative slope would turn the model's answer round."""
    return Calibration(slope=_number(source, "slope", 1e-3, 1e3), intercept=_number(source, "intercept", -100.0, 100.0))


def parse_manifest(data: bytes) -> Manifest:
    """Return the manifest in these bytes; raise ManifestError naming the first thing that does not fit."""
    if len(data) > MANIFEST_BYTES_LIMIT:
        message = f"the manifest is {len(data)} bytes long, more than the {MANIFEST_BYTES_LIMIT} allowed"
        raise ManifestError(message)
    try:
        source = json.loads(data)
    except (ValueError, RecursionError) as err:
        message = "the manifest is not JSON"
        raise ManifestError(message) from err
    if not isinstance(source, dict):
        message = "the manifest is not a JSON object"
        raise ManifestError(message)
    return Manifest(
        name=_text(source, "name", _NAME),
        task=_choice(source, "task", Task),
        version=_field(source, "version", str),
        features_version=int(_number(source, "features_version", 1, 1_000_000)),
        input=_input(_field(source, "input", dict)),
        output=_choice(_field(source, "output", dict), "kind", OutputKind),
        quantisation=_field(source, "quantisation", str),
        calibration=_calibration(_field(source, "calibration", dict)),
        decision=_decision(_field(source, "decision", dict)),
        sha256=_text(source, "sha256", _SHA256),
        provenance=_field(source, "provenance", dict),
        evaluation=_field(source, "evaluation", dict),
    )
