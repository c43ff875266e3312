"""The core has one name, with Home Assistant and without it."""

import importlib.util
from pathlib import Path
import subprocess
import sys

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
import training
import custom_components.inkling.core.quantize as core
parent = sys.modules["custom_components.inkling"]
print(core.__name__, hasattr(parent, "__file__") and parent.__file__ is not None, "homeassistant" in sys.modules)
"""


def test_training_reaches_core_by_its_own_name() -> None:
    """Import core after training: through the real package where Home Assistant is, else through an empty parent."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    name, real_parent, home_assistant = done.stdout.split()
    has_home_assistant = importlib.util.find_spec("homeassistant") is not None
    assert name == "custom_components.inkling.core.quantize"
    assert real_parent == home_assistant == str(has_home_assistant)
