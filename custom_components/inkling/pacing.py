"""How often an entity may write: a burst, then at a steady pace."""


class Pacer:
    """A token bucket; time is an argument."""

    __slots__ = ("_burst", "_refill_seconds", "_tokens", "_updated_at")

    def __init__(self, burst: int, refill_seconds: float) -> None:
        """Start full: `burst` writes at once, one more every `refill_seconds`."""
        self._burst = float(burst)
        self._refill_seconds = refill_seconds
        self._tokens = float(burst)
        self._updated_at: float | None = None

    def take(self, now: float, *, is_urgent: bool = False) -> bool:
        """Return whether a write may happen at `now` (epoch seconds); an urgent one always may, and counts."""
        elapsed = 0.0 if self._updated_at is None else max(0.0, now - self._updated_at)
        self._updated_at = now
        self._tokens = min(self._burst, self._tokens + elapsed / self._refill_seconds)
        if self._tokens < 1.0 and not is_urgent:
            return False
        # A debt makes a flurry of urgent writes cost something, but never more than a burst does.
        self._tokens = max(-self._burst, self._tokens - 1.0)
        return True
