"""When a delivery is tried again: SPEC §9, "Callbacks"."""

import random
from datetime import datetime, timedelta

MINUTE, HOUR = 60, 3600
# Seconds before each try, counted from the one before: 75.6 hours in all.
WAITS = (
    0,
    5,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
TRIES = len(WAITS)
# Spread by up to a tenth, so that what failed together does not come back together.
JITTER = 0.1
# What is parked is tried again so often.
PROBE_SECONDS = HOUR
# An endpoint that fails is left alone so long at first, twice as long each time, and never longer.
FIRST_HOLD_SECONDS, LONGEST_HOLD_SECONDS = 2, MINUTE
# Retry-After is obeyed up to a day.
LONGEST_RETRY_AFTER_SECONDS = 24 * HOUR


def next_try(tries: int, at: datetime) -> datetime | None:
    """Return when to try again after so many tries have failed; None: it is to be parked."""
    if tries >= TRIES:
        return None
    return at + timedelta(seconds=WAITS[tries] * (1 + random.random() * JITTER))  # noqa: S311


def next_probe(at: datetime) -> datetime:
    """Return when what is parked is tried again."""
    return at + timedelta(seconds=PROBE_SECONDS)


def hold(failures: int, at: datetime) -> datetime:
    """Return until when an endpoint that has failed so many times in a row is left alone."""
    seconds = min(FIRST_HOLD_SECONDS * 2 ** min(failures - 1, 10), LONGEST_HOLD_SECONDS)
    return at + timedelta(seconds=seconds)
