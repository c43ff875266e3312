"""Bind the integration's package before any test, with Home Assistant or without it."""

import importlib.util

if importlib.util.find_spec("homeassistant") is None:
    # Core and training tests also run on Pythons that have no Home Assistant.
    import training  # noqa: F401
else:
    # Otherwise Home Assistant finds the pytest plugin's own custom_components first.
    import custom_components.inkling  # noqa: F401
