"""What a source needs of the world besides its settings: time, chance, and the way to the network."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from requests.adapters import BaseAdapter


@dataclass(frozen=True, slots=True)
class Wires:
    """The real world as it is; tests bring their own.

    clock: aware, UTC. sleep: seconds. chance: 0 to 1, for jitter. adapter: the HTTP transport, None for the network.
    folder: for what must outlive a run (session tokens; 0700), None where nothing may be written.
    """

    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    adapter: Callable[[], BaseAdapter] | None = None
    folder: Path | None = None
