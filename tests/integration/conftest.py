"""A shop, the receiver that it is called back at, and a clock."""

from collections.abc import Iterator

import pytest

from integration.models import Partner
from tests.factories import make_distributor
from tests.integration.receivers import Receiver, receiving
from tests.integration.shops import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop() -> Partner:
    return make_distributor(deposit_fen=0).partner


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running
