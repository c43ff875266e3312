"""Sensor faults off line: inject them, replay homes with them, and score what was said."""
