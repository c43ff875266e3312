"""The arrows that must never be, between the trainer, the integration, its platforms and the tests."""

import ast

import pytest

from tests.architecture.sources import (
    COMPONENT,
    COMPONENT_NAME,
    CORE_NAME,
    ROOT,
    TRAINING,
    Source,
    dotted,
    imported_names,
    is_within,
    read_sources,
)

PLATFORMS = ("binary_sensor", "sensor", "event", "select")
ENTITY_FILES = ("entity", *PLATFORMS)
CORE_FOR_NO_ENTITY = tuple(f"{CORE_NAME}.{name}" for name in ("features", "window", "backends", "pipeline"))
TRAINING_FRAMEWORKS = ("tensorflow", "keras")


def glue(*names: str) -> list[Source]:
    """Return those of the integration's top-level files that exist."""
    return [
        source for source in read_sources(COMPONENT) if source.path.parent == COMPONENT and source.path.stem in names
    ]


def test_glue_was_scanned() -> None:
    """Refuse to judge an integration that is not there."""
    assert {source.path.stem for source in glue(*ENTITY_FILES)} >= {"entity", "binary_sensor", "sensor"}
    assert len(read_sources(TRAINING)) >= 5


@pytest.mark.parametrize("source", read_sources(TRAINING), ids=lambda source: source.label)
def test_trainer_reaches_only_core(source: Source) -> None:
    """Let the trainer see nothing of the integration but core, and nothing of Home Assistant."""
    beyond = [
        name
        for name in imported_names(source)
        if (is_within(name, COMPONENT_NAME) and not is_within(name, CORE_NAME)) or is_within(name, "homeassistant")
    ]
    assert not beyond


@pytest.mark.parametrize("source", read_sources(COMPONENT), ids=lambda source: source.label)
def test_integration_reaches_no_trainer_and_no_tests(source: Source) -> None:
    """Ship nothing that only a checkout has."""
    strangers = ("training", "tests", "scripts")
    assert not [name for name in imported_names(source) if any(is_within(name, stranger) for stranger in strangers)]


@pytest.mark.parametrize("source", glue(*ENTITY_FILES), ids=lambda source: source.label)
def test_entities_know_only_verdicts(source: Source) -> None:
    """Keep entities away from the mathematics and from other entities' states."""
    names = list(imported_names(source))
    assert not [name for name in names if any(is_within(name, module) for module in CORE_FOR_NO_ENTITY)]
    assert not [node for node in ast.walk(source.tree) if isinstance(node, ast.Attribute) and reads_states(node)]


def reads_states(node: ast.Attribute) -> bool:
    """Tell whether an attribute is Home Assistant's state machine."""
    return dotted(node).endswith("hass.states")


@pytest.mark.parametrize("source", glue(*PLATFORMS), ids=lambda source: source.label)
def test_platforms_do_not_know_one_another(source: Source) -> None:
    """Let platforms share only what lies below them."""
    others = {f"{COMPONENT_NAME}.{name}" for name in PLATFORMS} - {source.module}
    assert not [name for name in imported_names(source) if any(is_within(name, other) for other in others)]


@pytest.mark.parametrize(
    "source", glue("coordinator", "ingest", "warmup", "suggest", "store"), ids=lambda source: source.label
)
def test_only_the_integration_itself_knows_platforms(source: Source) -> None:
    """Keep what feeds the entities from importing them."""
    above = tuple(f"{COMPONENT_NAME}.{name}" for name in ENTITY_FILES)
    assert not [name for name in imported_names(source) if any(is_within(name, module) for module in above)]


def test_only_ingest_reads_states() -> None:
    """Keep one reader of State, so that unit, quality and role are decided in one place."""
    readers = {
        source.path.stem
        for source in read_sources(COMPONENT)
        if any(isinstance(node, ast.Attribute) and reads_states(node) for node in ast.walk(source.tree))
    }
    # Suggesting roles looks at a candidate's unit and the flow refuses what cannot be read; neither takes readings.
    assert readers <= {"ingest", "suggest", "config_flow", "forms"}


@pytest.mark.parametrize(
    "source",
    [
        source
        for source in read_sources(TRAINING)
        if source.path.stem.startswith("evaluate") or "evaluate" in source.path.parts
    ],
    ids=lambda source: source.label,
)
def test_evaluation_sees_only_the_exported_file(source: Source) -> None:
    """Score what is shipped, never the weights it was made from."""
    assert not [name for name in imported_names(source) if any(is_within(name, fw) for fw in TRAINING_FRAMEWORKS)]


@pytest.mark.parametrize("source", read_sources(ROOT / "tests" / "core"), ids=lambda source: source.label)
def test_core_tests_need_no_home_assistant(source: Source) -> None:
    """Let core's tests run where Home Assistant is not installed."""
    assert not [name for name in imported_names(source) if is_within(name, "homeassistant")]
    fixtures = {
        arg.arg for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef) for arg in node.args.args
    }
    assert "hass" not in fixtures
