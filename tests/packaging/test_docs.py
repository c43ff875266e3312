"""The documentation: figures as the cards have them, a site that builds, and nothing asked of strangers."""

from pathlib import Path
import re
import subprocess
import sys

import pytest

from scripts.site.cards import CardError, section, table
from scripts.site.figures import ROOT, filled, pages

CARD = """# A card

## Rooms

| | F1 | Brier |
|---|---|---|
| model | 0.9 | 0.1 |
| rule | 0.8 | |

And another:

| | AUC |
|---|---|
| model | 0.95 |

## Twice
a
## Twice
"""


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Return a small card."""
    path = tmp_path / "card.md"
    path.write_text(CARD, encoding="utf-8")
    return path


def test_a_table_is_cut_to_its_columns(card: Path) -> None:
    """Keep the rows' names and the columns that were asked for."""
    assert table(card, "Rooms").chosen(("Brier",)).markdown().splitlines() == [
        "|  | Brier |",
        "| --- | --- |",
        "| model | 0.1 |",
        "| rule |  |",
    ]
    assert table(card, "Rooms", 2).rows == (("model", "0.95"),)


def test_what_is_not_there_is_said(card: Path) -> None:
    """Name the column, the heading or the table that is missing."""
    with pytest.raises(CardError, match="no column 'recall'; there are F1, Brier"):
        table(card, "Rooms").chosen(("recall",))
    with pytest.raises(CardError, match="has 2 headings 'Twice'"):
        section(card, "Twice")
    with pytest.raises(CardError, match="has 2 tables below 'Rooms', not 3"):
        table(card, "Rooms", 3)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- from models/occupancy.md | What it is bad at | text -->\nold\n",
        "<!-- from models/none.md | x | text -->\nold\n<!-- end -->",
        "<!-- from ../outside.md | x | text -->\nold\n<!-- end -->",
    ],
)
def test_a_bad_passage_is_refused(text: str) -> None:
    """Refuse a passage without an end, and a card that is none of ours."""
    with pytest.raises(CardError):
        filled(text)


def test_figures_are_as_the_cards_are() -> None:
    """Find nothing that scripts/docs would change, and at least the tables that README and the site promise."""
    texts = {page: page.read_text(encoding="utf-8") for page in pages()}
    assert [page.name for page, text in texts.items() if filled(text) != text] == []
    assert len(re.findall("<!-- from ", texts[ROOT / "docs" / "how-good.md"])) >= 5


def test_the_site_builds_and_asks_nobody(tmp_path: Path) -> None:
    """Build it strictly, so that each link leads somewhere, and load nothing from elsewhere."""
    command = [sys.executable, "-m", "mkdocs", "build", "-f", "scripts/site/mkdocs.yml", "-d", str(tmp_path)]
    # Not quietly: MkDocs counts only the warnings that it prints.
    built = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert built.returncode == 0, built.stderr
    html = [page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html")]
    assert len(html) > 20
    loads = re.compile(r'<(?:script|img|link rel="stylesheet")[^>]+(?:src|href)="(https?:[^"]+)')
    assert [found for text in html for found in loads.findall(text)] == []
