"""How fast a service may be asked: requests, bytes and errors within any minute."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

MINUTE = 60.0
# Times that differ by less are equal: sums of seconds carry the noise of binary numbers.
NOISE = 1e-6


@dataclass(frozen=True)
class Limits:
    """The most of each within a minute, None where there is no limit. `pause`: seconds between requests."""

    requests: int | None = None
    size: int | None = None
    errors: int | None = None
    pause: float = 0.0


class Budget:
    """Keeps a service's limits: `wait` before each request, `spent` after it.

    The size of an answer is known only when it is there, so as much is left free as the largest of the last minute
    took. `clock` gives seconds that never run backwards, `sleep` waits for some.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic,
                 sleep: Callable[[float], None] = time.sleep):
        self.limits, self.clock, self.sleep = limits, clock, sleep
        self.done: deque[tuple[float, int, bool]] = deque()

    def wait(self) -> float:
        """Wait until one more request keeps all limits; the seconds waited."""
        waited = 0.0
        while (due := self._due()) > 0:
            self.sleep(due)
            waited += due
        return waited

    def spent(self, size: int, failed: bool = False) -> None:
        """Enter a request that was made: bytes of its answer, and whether it counts as an error."""
        self.done.append((self.clock(), size, failed))

    def _due(self) -> float:
        """Seconds until one more request is allowed."""
        now = self.clock()
        while self.done and now - self.done[0][0] >= MINUTE - NOISE:
            self.done.popleft()
        if not self.done:
            return 0.0
        due = [self.limits.pause - (now - self.done[-1][0])]
        largest = max(size for _, size, _ in self.done)
        for limit, next_one, weight in (
            (self.limits.requests, 1, lambda entry: 1),
            (self.limits.size, largest, lambda entry: entry[1]),
            (self.limits.errors, 1, lambda entry: int(entry[2])),
        ):
            if limit is not None:
                due.append(self._until_room(now, limit - next_one, weight))
        return max(due) if max(due) > NOISE else 0.0

    def _until_room(self, now: float, room: float, weight: Callable[[tuple], int]) -> float:
        """Seconds until what weighs on the last minute is at most `room` (or nothing is left)."""
        total = sum(weight(entry) for entry in self.done)
        for entry in self.done:
            if total <= room:
                return 0.0
            total -= weight(entry)
            if total <= room or entry is self.done[-1]:
                return MINUTE - (now - entry[0])
        return 0.0
