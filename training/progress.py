"""Progress bars for work that takes long: on a terminal only, on standard error, so that output can be piped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

_Item = TypeVar("_Item")


@contextmanager
def progress(title: str, total: float | None) -> Iterator[Callable[[float], None]]:
    """Show a bar while the work lasts; yield what moves it to how much of `total` is done (None: unknown)."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bars:
        task = bars.add_task(title, total=total)

        def move(done: float) -> None:
            """Move the bar."""
            bars.update(task, completed=done)

        yield move


def watched(title: str, items: Sequence[_Item]) -> Iterator[_Item]:
    """Yield items under a bar that tells how many are done."""
    with progress(title, float(len(items))) as move:
        for done, item in enumerate(items, 1):
            yield item
            move(float(done))
