"""Manifests: one that fits, and every way not to."""

from __future__ import annotations

from collections.abc import Callable
import json
import math
from typing import Any

import pytest

from custom_components.inkling.core.calibrate import Calibration
from custom_components.inkling.core.features import FEATURES_VERSION
from custom_components.inkling.core.manifest import (
    MANIFEST_BYTES_LIMIT,
    ManifestError,
    OutputKind,
    Task,
    parse_manifest,
)
from tests.core.builders import encode, manifest_source

_HUGE = 10**400
_PATHS: list[tuple[str, ...]] = [
    ("name",),
    ("task",),
    ("version",),
    ("features_version",),
    ("input",),
    ("input", "channels"),
    ("input", "steps"),
    ("input", "step_seconds"),
    ("output",),
    ("output", "kind"),
    ("quantisation",),
    ("calibration",),
    ("calibration", "slope"),
    ("calibration", "intercept"),
    ("decision",),
    ("decision", "on_threshold"),
    ("decision", "off_threshold"),
    ("decision", "on_delay_seconds"),
    ("decision", "off_delay_seconds"),
    ("sha256",),
    ("provenance",),
    ("evaluation",),
]
_NUMBERS = [path for path in _PATHS if path[-1].startswith(("features_v", "step", "slope", "inter", "on_", "off_"))]


def _parent(source: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Return the object that holds a field."""
    for key in path[:-1]:
        source = source[key]
    return source


def _refusal(source: object) -> str:
    """Return the sentence a manifest is refused with."""
    with pytest.raises(ManifestError) as caught:
        parse_manifest(encode(source))
    return str(caught.value)


def _with(path: tuple[str, ...], value: object) -> dict[str, Any]:
    """Return a manifest with one field changed."""
    source = manifest_source()
    _parent(source, path)[path[-1]] = value
    return source


def test_one_that_fits() -> None:
    """Read every field."""
    manifest = parse_manifest(encode(manifest_source()))
    assert (manifest.name, manifest.task, manifest.version) == ("occupancy", Task.OCCUPANCY, "1.0.0")
    assert manifest.features_version == FEATURES_VERSION
    assert manifest.input.channels == ("room.motion.mean", "room.motion.known")
    assert (manifest.input.steps, manifest.input.step_seconds) == (4, 60.0)
    assert manifest.input.window_seconds == 240.0
    assert (manifest.output, manifest.quantisation) == (OutputKind.LOG_ODDS, "float32")
    assert manifest.calibration == Calibration(1.25, -0.5)
    assert (manifest.decision.on_threshold, manifest.decision.off_threshold) == (0.6, 0.4)
    assert (manifest.decision.on_delay_seconds, manifest.decision.off_delay_seconds) == (0.0, 60.0)
    assert len(manifest.sha256) == 64
    assert manifest.provenance == {"seed": 7}
    assert manifest.evaluation == {"accuracy": 0.9}


@pytest.mark.parametrize("path", _PATHS, ids=".".join)
def test_missing_field(path: tuple[str, ...]) -> None:
    """Name the field that is missing."""
    source = manifest_source()
    del _parent(source, path)[path[-1]]
    assert repr(path[-1]) in _refusal(source)


@pytest.mark.parametrize("path", _PATHS, ids=".".join)
@pytest.mark.parametrize("wrong", [None, True, {"a": 1}, ["a"], "", 1.5, "\x00" * 100], ids=repr)
def test_wrong_type_or_form(path: tuple[str, ...], wrong: object) -> None:
    """Name the field that is of the wrong type or form; where the value happens to fit, nothing is refused."""
    fits: dict[str, Callable[[object], bool]] = {
        "provenance": lambda value: isinstance(value, dict),
        "evaluation": lambda value: isinstance(value, dict),
        "channels": lambda value: value == ["a"],
        "step_seconds": lambda value: value == 1.5,
        "slope": lambda value: value == 1.5,
        "intercept": lambda value: value == 1.5,
        "on_delay_seconds": lambda value: value == 1.5,
        "off_delay_seconds": lambda value: value == 1.5,
    }
    source = _with(path, wrong)
    if path[-1] in fits and fits[path[-1]](wrong):
        parse_manifest(encode(source))
        return
    sentence = _refusal(source)
    inner = {"input": "channels", "output": "kind", "calibration": "slope", "decision": "on_threshold"}
    named = inner.get(path[-1], path[-1]) if wrong == {"a": 1} else path[-1]
    assert repr(named) in sentence
    assert len(sentence) < 400


@pytest.mark.parametrize("path", _NUMBERS, ids=".".join)
@pytest.mark.parametrize("wrong", [_HUGE, -_HUGE, -1, math.nan, math.inf, -math.inf, False], ids=lambda x: str(x)[:6])
def test_hostile_number(path: tuple[str, ...], wrong: float) -> None:
    """Name the field whose number is huge, negative or none at all."""
    if path[-1] == "intercept" and wrong == -1 and wrong is not False:
        assert parse_manifest(encode(_with(path, wrong))).calibration.intercept == -1.0
        return
    assert repr(path[-1]) in _refusal(_with(path, wrong))


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("name",), "../occupancy"),
        (("name",), "Occupancy"),
        (("name",), "a" * 65),
        (("task",), "world_peace"),
        (("version",), "1.0\n"),
        (("features_version",), 0),
        (("features_version",), 2.0),
        (("input", "steps"), 0),
        (("input", "steps"), 4097),
        (("input", "steps"), 4.0),
        (("input", "step_seconds"), 0.5),
        (("input", "channels"), []),
        (("input", "channels"), ["a"] * 2),
        (("input", "channels"), [f"c{number}" for number in range(513)]),
        (("input", "channels"), ["a", 1]),
        (("input", "channels"), ["A channel"]),
        (("output", "kind"), "logits"),
        (("quantisation",), "float 32"),
        (("calibration", "slope"), -1.0),
        (("sha256",), "F" * 64),
        (("sha256",), "f" * 63),
        (("provenance",), {"seed": math.nan}),
        (("evaluation",), {"figures": [{"brier": math.inf}]}),
    ],
)
def test_out_of_form(path: tuple[str, ...], wrong: object) -> None:
    """Name the field that is out of its form or limits."""
    assert repr(path[-1]) in _refusal(_with(path, wrong))


def test_crossed_thresholds() -> None:
    """Name the decision when its thresholds cross."""
    sentence = _refusal(_with(("decision", "on_threshold"), 0.3))
    assert "'decision'" in sentence
    assert "off 0.4 and on 0.3" in sentence


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 50_000, "not JSON"),
        (b"1" * 5000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"name": "a", "name": "b"}', "the field 'name' twice"),
        (b'{"input": {"steps": 1, "x": 2, "steps": 1}}', "the field 'steps' twice"),
        (b" " * (MANIFEST_BYTES_LIMIT + 1), "262145 bytes long"),
    ],
    ids=["empty", "cut", "bytes", "deep list", "deep object", "digits", "list", "null", "twice", "inner", "long"],
)
def test_hostile_bytes(data: bytes, sentence: str) -> None:
    """Survive any bytes with a sentence."""
    with pytest.raises(ManifestError, match=sentence):
        parse_manifest(data)


def test_deep_evaluation() -> None:
    """Name a kept object that is nested too deeply to be written again, or take it; never crash."""
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    data = json.dumps(manifest_source()).encode().replace(b'{"accuracy": 0.9}', deep)
    try:
        manifest = parse_manifest(data)
    except ManifestError as err:
        assert "'evaluation'" in str(err) or "not JSON" in str(err)  # noqa: PT017 - either outcome is right
    else:
        assert "a" in manifest.evaluation


def test_largest_values_fit() -> None:
    """Take the limits themselves."""
    source = _with(("input", "steps"), 4096)
    source["input"]["step_seconds"] = 86_400
    source["features_version"] = 1_000_000
    manifest = parse_manifest(encode(source))
    assert manifest.input.window_seconds == 4096 * 86_400.0
    assert manifest.features_version == 1_000_000
