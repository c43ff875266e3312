"""Inkling's pure core: NumPy and the standard library only.

No Home Assistant, no clock, no randomness, no environment, no network, no module-level state: time and
generators are arguments. Modules import each other relatively, so the same files serve the integration,
the trainer and the tests. Importing this package imports nothing.
"""
