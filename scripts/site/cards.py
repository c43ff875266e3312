"""Tables and passages of the model cards, which are written by training and never typed by hand."""

from dataclasses import dataclass
from pathlib import Path


class CardError(ValueError):
    """What a page asks for is not in the card."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a card: its columns' names and its rows, the first cell of a row being its name."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def chosen(self, columns: tuple[str, ...]) -> Table:
        """Return the table with these columns only; CardError for one that is not there."""
        for name in columns:
            if name not in self.columns[1:]:
                raise CardError(f"there is no column {name!r}; there are {', '.join(self.columns[1:])}")
        places = (0, *(self.columns.index(name) for name in columns))
        kept = tuple(tuple(row[place] for place in places) for row in self.rows)
        return Table((self.columns[0], *columns), kept)

    def markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def section(card: Path, heading: str) -> list[str]:
    """Return the lines below a heading of a card, up to the next heading; CardError where there is none."""
    lines = card.read_text(encoding="utf-8").splitlines()
    places = [place for place, line in enumerate(lines) if line.startswith("#") and line.lstrip("# ") == heading]
    if len(places) != 1:
        raise CardError(f"{card.name} has {len(places)} headings {heading!r}, not one")
    below = lines[places[0] + 1 :]
    end = next((place for place, line in enumerate(below) if line.startswith("#")), len(below))
    return below[:end]


def table(card: Path, heading: str, number: int = 1) -> Table:
    """Return a table below a heading of a card; `number` counts from one."""
    found: list[list[str]] = [[]]
    for line in section(card, heading):
        if line.startswith("|"):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    tables = [lines for lines in found if lines]
    if not 1 <= number <= len(tables):
        raise CardError(f"{card.name} has {len(tables)} tables below {heading!r}, not {number}")
    first, _, *rest = (_cells(line) for line in tables[number - 1])
    return Table(first, tuple(rest))


def _cells(line: str) -> tuple[str, ...]:
    """Return the cells of a table's line."""
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
