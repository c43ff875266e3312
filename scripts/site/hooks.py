"""MkDocs hooks: the model cards become pages, and what lies outside of docs/ is linked where the project is kept."""

from pathlib import Path
import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"(?P<text>\]\()(?P<target>[^)#\s:]+)(?P<anchor>#[^)\s]*)?\)")
CARDS = ("models/occupancy.md", "models/forecast.md", "models/README.md", "training/README.md")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the cards, their plots and the trainer's page to the site."""
    plots = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "models").glob("*.png"))]
    for name in (*(card for card in CARDS if (ROOT / card).is_file()), *plots):
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links that leave docs/ to the card's page, or to the repository."""
    own = page.file.src_uri
    folder = ROOT / own if own in CARDS else ROOT / "docs" / own

    def moved(found: re.Match[str]) -> str:
        """Return a link as the site needs it."""
        anchor = found["anchor"] or ""
        path = (folder.parent / found["target"]).resolve()
        if not path.is_relative_to(ROOT) or not path.exists():
            return found[0]
        name = path.relative_to(ROOT).as_posix()
        inside = name.removeprefix("docs/")
        if files.get_file_from_path(inside) is not None and (
            name != inside or name.startswith(("models/", "training/"))
        ):
            depth = own.count("/")
            return f"{found['text']}{'../' * depth}{inside}{anchor})"
        kind = "tree" if path.is_dir() else "blob"
        return f"{found['text']}{str(config.repo_url).rstrip('/')}/{kind}/main/{name}{anchor})"

    return _LINK.sub(moved, markdown)
