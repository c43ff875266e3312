"""Sensor faults: what is failing, how, and how it is known (docs/decisions/0010-faults.md)."""
