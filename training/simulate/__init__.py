"""Simulated homes: people, rooms and sensors with their real vices; the truth is known, so they may train models."""

from .home import simulate_home

__all__ = ["simulate_home"]
