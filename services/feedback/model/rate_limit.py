"""How often one sender may send: enough for people, too little for a flood. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
PER_LINK = 60
"""Sendings a minute for one visit: a phone that retries needs a few."""
PER_ADDRESS = 300
"""Sendings a minute from one address: a whole office's visitors may share its network."""


@dataclass(slots=True)
class Limit:
    """Admits up to ``most`` a window for each key; a window begins with its first request.

    It remembers one window only, so that its memory is bounded by that window's traffic.
    """

    most: int
    _began: datetime | None = None
    _seen: dict[str, int] = field(default_factory=dict[str, int])

    def admits(self, key: str, moment: datetime) -> bool:
        """Whether one more from ``key`` is within the limit; counts it."""
        if self._began is None or not timedelta(0) <= moment - self._began < WINDOW:
            self._began, self._seen = moment, {}
        self._seen[key] = self._seen.get(key, 0) + 1
        return self._seen[key] <= self.most
