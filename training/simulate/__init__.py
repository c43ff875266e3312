"""Simulated homes and offices: people, rooms and sensors with their real vices; the truth is known."""

from .home import simulate_home
from .office import simulate_office

__all__ = ["simulate_home", "simulate_office"]
