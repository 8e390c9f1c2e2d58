"""Whatever is done in whatever order, money, stock and states are what the model says."""

import os
from unittest import mock

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import engine
from hypothesis.stateful import run_state_machine_as_test

from tests.model.coverage import Coverage
from tests.model.machine import Trade
from tests.model.roads import ROADS
from tests.model.things import Rules
from tests.model.world import make_world

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "30"))
STEPS = int(os.environ.get("MODEL_STEPS", "30"))
SHRINK = os.environ.get("MODEL_SHRINK", "1") == "1"
SEED = os.environ.get("MODEL_SEED")
REQUIRE_ALL = os.environ.get("MODEL_REQUIRE_ALL", "0") == "1"

pytestmark = pytest.mark.django_db


def test_the_roads_lead_over_every_step_of_every_machine() -> None:
    Trade.world, Trade.coverage, Trade.length = make_world(), Coverage(), 0

    with Trade.coverage.listening():
        for name in ROADS:
            walker = Trade()
            try:
                walker.walk(name, Rules())
            finally:
                walker.teardown()

    assert not Trade.coverage.never


@pytest.mark.long
def test_money_stock_and_states_are_what_the_model_says_after_every_step() -> None:
    Trade.world, Trade.coverage, Trade.length = make_world(), Coverage(), STEPS
    machine = hypothesis.seed(int(SEED))(Trade) if SEED else Trade

    # Hypothesis runs each example five times more with parts of it doubled, which would be five
    # sixths of the time spent on what happened already.
    fresh_only = mock.patch.object(engine.ConjectureRunner, "generate_mutations_from", create=True)
    with fresh_only, Trade.coverage.listening():
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                derandomize=SEED is None,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=False,
                phases=[Phase.generate, Phase.shrink] if SHRINK else [Phase.generate],
            ),
        )

    print(f"\n{Trade.coverage.table()}")  # noqa: T201
    assert not (REQUIRE_ALL and Trade.coverage.never)
