"""Days off: written as people write them, and left out where hours are counted."""

from datetime import UTC, datetime, timedelta

import pytest

from kit import calendars

# Half past nine in Shanghai on the last day before the holidays.
BEFORE = datetime(2026, 9, 30, 1, 30, tzinfo=UTC)
HOLIDAYS = calendars.days(["2026-10-01..2026-10-07"])


@pytest.mark.parametrize(
    ("hours", "days_longer"),
    [
        pytest.param(12, 0, id="over before they begin"),
        pytest.param(24, 7, id="reaching into them"),
        pytest.param(48, 7, id="reaching beyond them"),
    ],
)
def test_hours_of_days_off_do_not_count(hours: int, days_longer: int) -> None:
    assert calendars.after(BEFORE, hours, HOLIDAYS) == BEFORE + timedelta(
        hours=hours, days=days_longer
    )


def test_hours_that_begin_on_a_day_off_count_from_its_end() -> None:
    end = datetime(2026, 10, 7, 16, tzinfo=UTC)

    assert calendars.after(BEFORE + timedelta(days=3), 5, HOLIDAYS) == end + timedelta(hours=5)


@pytest.mark.parametrize(
    "span",
    [
        pytest.param("2026-02-30", id="no day"),
        pytest.param("2026-10-07..2026-10-01", id="backwards"),
        pytest.param("2026-01-01..2026-12-31", id="too long"),
        pytest.param("golden week", id="words"),
    ],
)
def test_what_is_no_day_is_refused(span: str) -> None:
    with pytest.raises(ValueError, match=r"2026|month|words|format|golden"):
        calendars.days([span])
