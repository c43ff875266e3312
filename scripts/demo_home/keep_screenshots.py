"""Copy the newest run's best screenshots into the documentation: `python -m scripts.demo_home.keep_screenshots`.

Only by hand, after a look at them: a picture that changes with every run would bloat the repository.
"""

import shutil
import sys

from .configuration import CHECKOUT

OUTPUT = CHECKOUT / "tests" / "e2e" / "output"
IMAGES = CHECKOUT / "docs" / "images"
# Name of the screenshot -> name in the documentation.
KEPT = {
    "1-every-room": "add-inkling",
    "3-sensors-by-role": "add-room-sensors",
    "4-last-24-hours": "add-room-last-24-hours",
    "5-automation": "automation",
    "7-dashboard-occupied": "dashboard",
}


def main() -> int:
    """Copy all of them, or none when one is missing."""
    missing = [name for name in KEPT if not (OUTPUT / f"{name}.png").is_file()]
    if missing:
        tests = "tests/e2e/test_browser.py tests/e2e/test_clicks.py"
        print(f"{', '.join(missing)} not there: run scripts/test {tests} first", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    for source, target in KEPT.items():
        shutil.copyfile(OUTPUT / f"{source}.png", IMAGES / f"{target}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
