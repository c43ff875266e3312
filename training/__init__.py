"""Makes Inkling's models on a PC; imports the integration's `core` and nothing else of it."""

import importlib.util
from pathlib import Path
import sys
import types

_PACKAGE = "custom_components.inkling"

if _PACKAGE not in sys.modules and importlib.util.find_spec("homeassistant") is None:
    # The integration's __init__ imports Home Assistant; bind the package without running it.
    _parent = types.ModuleType(_PACKAGE)
    _parent.__path__ = [str(Path(__file__).parents[1] / "custom_components" / "inkling")]
    sys.modules[_PACKAGE] = _parent
