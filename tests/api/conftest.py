"""Calls here are real: nonces and orders are written by threads of their own, so tests commit."""

import pytest

from tests.api.signed import Shop


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    """A distributor's machine with all scopes and 1,000 yuan."""
    return Shop()
