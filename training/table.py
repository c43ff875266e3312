"""Figures as Markdown tables, for the terminal and the card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_COLUMNS = (
    ("accuracy", "accuracy"),
    ("f1", "F1"),
    ("class_macro_f1", "macro F1"),
    ("macro_f1", "mean F1 of rooms"),
    ("recall", "recall"),
    ("balanced_accuracy", "balanced acc."),
    ("brier", "Brier"),
    ("calibration_error", "calib. error"),
    ("auc", "AUC"),
    ("false_offs_per_occupied_day", "false offs / occ. day"),
    ("reaction_seconds", "reaction, s"),
)


def table(figures: Mapping[str, Any]) -> str:
    """Return one test set's figures as a Markdown table, the model first and every rule below."""
    head = "| | " + " | ".join(title for _, title in _COLUMNS) + " |\n" + "|---" * (len(_COLUMNS) + 1) + "|\n"
    rows = [
        f"| {name} | " + " | ".join(_cell(row.get(key)) for key, _ in _COLUMNS) + " |"
        for name, row in figures["results"].items()
    ]
    return head + "\n".join(rows) + "\n"


def _cell(value: float | None) -> str:
    """Return a figure for a table."""
    return "" if value is None else f"{value:.3f}"
