"""Fill the marked passages of the pages from the model cards: `python -m scripts.site.figures [--check]`.

A passage begins with `<!-- from CARD | HEADING | COLUMNS -->` and ends with `<!-- end -->`. COLUMNS are those of the
first table below the heading, separated by commas; `*` is the whole table, `*2` the second one, `text` all below it.
"""

from pathlib import Path
import re
import sys

from scripts.site.cards import CardError, section, table

ROOT = Path(__file__).resolve().parents[2]
_PASSAGE = re.compile(
    r"(<!-- from (?P<card>[^|]+)\|(?P<heading>[^|]+)\|(?P<wanted>.+?)-->\n).*?(<!-- end -->)",
    re.DOTALL,
)
_OPENING = re.compile(r"<!-- from [^>]*-->")
PAGES = ("README.md", "README.zh-Hans.md", "docs")


def pages() -> list[Path]:
    """Return every page that may hold figures."""
    found = [ROOT / name for name in PAGES]
    return [path for page in found for path in ([page] if page.is_file() else sorted(page.rglob("*.md")))]


def filled(text: str) -> str:
    """Return a page with its passages as the cards have them now; CardError says what does not fit."""
    done, count = _PASSAGE.subn(lambda found: f"{found[1]}{_passage(found)}\n{found[5]}", text)
    if count != len(_OPENING.findall(text)):
        raise CardError("a passage lacks its heading, its columns, or <!-- end -->")
    return done


def _passage(found: re.Match[str]) -> str:
    """Return what stands between a passage's marks."""
    card = (ROOT / found["card"].strip()).resolve()
    if not card.is_relative_to(ROOT) or not card.is_file():
        raise CardError(f"there is no card {found['card'].strip()}")
    heading, wanted = found["heading"].strip(), found["wanted"].strip()
    if wanted == "text":
        return "\n".join(section(card, heading)).strip("\n")
    if wanted.startswith("*"):
        return table(card, heading, int(wanted[1:] or 1)).markdown()
    return table(card, heading).chosen(tuple(name.strip() for name in wanted.split(","))).markdown()


def main(arguments: list[str]) -> int:
    """Fill every page, or with --check say which are not as the cards are."""
    stale = 0
    for page in pages():
        text = page.read_text(encoding="utf-8")
        try:
            fresh = filled(text)
        except CardError as error:
            print(f"error: {page.relative_to(ROOT)}: {error}", file=sys.stderr)
            return 1
        if fresh != text and "--check" in arguments:
            print(f"error: {page.relative_to(ROOT)} is not as the cards are: run scripts/docs", file=sys.stderr)
            stale = 1
        elif fresh != text:
            page.write_text(fresh, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
