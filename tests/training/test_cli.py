"""The command line: each verb helps, works on a small trace, and answers bad input in one sentence and code 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.__main__ import main
from training.trace import read_trace

MODEL = Path(__file__).parents[2] / "models" / "occupancy.json"


@pytest.mark.parametrize(
    "verb",
    ["make", "import", "simulate", "evaluate", "compare", "bring", "label", "personal", "bars", "cross", "windows"],
)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Print the options and stop."""
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    assert verb in capsys.readouterr().out


def test_a_simulated_home_can_be_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Simulate a home, score the shipped model on it, and write the figures."""
    assert main(["simulate", "--seed", "77", "--days", "1", "--out", str(tmp_path)]) == 0
    trace = read_trace(tmp_path / "home_77")
    figures = tmp_path / "figures.json"
    code = main(["evaluate", "--trace", str(tmp_path / "home_77"), "--every", "600", "--json", str(figures)])
    assert code == 0
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert set(found) == {"all rooms", "home as a whole", *(room.id for room in trace.rooms)}
    assert found["all rooms"]["results"]["model"]["accuracy"] > found["all rooms"]["results"]["majority"]["accuracy"]
    assert "last motion wins" in capsys.readouterr().out


def test_a_strange_trace_can_be_scored(tmp_path: Path) -> None:
    """Score a home with a room that has no signal, another unit, and a role no data set of ours has."""
    (tmp_path / "trace.toml").write_text(
        '[trace]\nname = "s"\n[[room]]\nid = "loft"\nname = "Loft"\n[[room]]\nid = "shed"\nname = "Shed"\n'
        '[[signal]]\nid = "v"\nrole = "vibration"\nroom = "loft"\n'
        '[[signal]]\nid = "k"\nrole = "temperature"\nunit = "K"\nroom = "loft"\n',
        encoding="utf-8",
    )
    (tmp_path / "events.csv").write_text(
        "time,signal,state\n2026-01-01T00:00:00+01:00,v,off\n2026-01-01T01:00:00+01:00,v,on\n"
        "2026-01-01T01:00:30+01:00,v,off\n2026-01-01T00:10:00+01:00,k,293.15\n",
        encoding="utf-8",
    )
    labels = "".join(
        f"2026-01-01T0{hour}:00:00+01:00,2026-01-01T0{hour + 1}:00:00+01:00,{room},{label}\n"
        for hour, label in enumerate(("vacant", "occupied"))
        for room in ("loft", "shed")
    )
    (tmp_path / "labels.csv").write_text("start,end,target,label\n" + labels, encoding="utf-8")
    figures = tmp_path / "figures.json"
    assert main(["evaluate", "--trace", str(tmp_path), "--json", str(figures)]) == 0
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["loft"]["known"] == 1.0
    assert found["shed"]["known"] == 0.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evaluate", "--trace", "no/such/folder"], "is no trace"),
        (["evaluate", "--trace", ".", "--every", "0"], "more than 0 seconds"),
        (["import", "casas", "--data", "no/such/folder", "--out", "x"], "get the data from"),
        (["simulate", "--days", "0", "--out", "x"], "at least 1"),
        (["make", "no-such-recipe.toml", "--data", "."], "cannot be read"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Say what is wrong on standard error."""
    if arguments[0] == "make":
        pytest.importorskip("training.runtime", reason="TensorFlow lies only in training's environment")
    assert main(arguments) == 2
    spoken = capsys.readouterr().err
    assert said in spoken
    assert len(spoken.strip().splitlines()) == 1


def test_a_trace_without_labels_has_nothing_to_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Say that nothing is labelled."""
    main(["simulate", "--days", "1", "--out", str(tmp_path)])
    (tmp_path / "home_0" / "labels.csv").unlink()
    assert main(["evaluate", "--trace", str(tmp_path / "home_0")]) == 2
    assert "nothing to score" in capsys.readouterr().err


def test_a_model_that_does_not_fit_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Say that a model's file is not its manifest's."""
    main(["simulate", "--days", "1", "--out", str(tmp_path)])
    (tmp_path / "m.json").write_bytes(MODEL.read_bytes())
    (tmp_path / "m.tflite").write_bytes(b"nothing")
    assert main(["evaluate", "--trace", str(tmp_path / "home_0"), "--model", str(tmp_path / "m.json")]) == 2
    assert "sha256" in capsys.readouterr().err
