"""Limits: fair between keys, and never in the way."""

import socket
import time

import pytest
import redis
from pytest_django import Settings

from api import limiting
from tests.api.signed import Shop


@pytest.fixture(autouse=True)
def _rested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiting._Rest, "until", 0.0)


def test_every_signed_answer_says_what_is_left(shop: Shop, settings: Settings) -> None:
    settings.API_RATE_PER_MINUTE = 60

    first, second = shop.get("/deposit"), shop.get("/orders/NONE")

    assert first["RateLimit-Limit"] == "60"
    assert (first["RateLimit-Remaining"], second["RateLimit-Remaining"]) == ("59", "58")
    assert first["RateLimit-Reset"] == "0"


def test_beyond_the_limit_a_key_waits_and_others_do_not(shop: Shop, settings: Settings) -> None:
    settings.API_RATE_PER_MINUTE = 2
    other = Shop()
    allowed = [shop.get("/deposit").status_code for _ in range(2)]

    refused = shop.get("/deposit")

    assert allowed == [200, 200]
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate_limited"
    assert refused.json()["retryable"] is True
    assert 1 <= int(refused["Retry-After"]) <= 30
    assert refused["RateLimit-Remaining"] == "0"
    assert other.get("/deposit").status_code == 200


def test_a_refused_signature_costs_the_key_nothing(shop: Shop, settings: Settings) -> None:
    settings.API_RATE_PER_MINUTE = 60
    for _ in range(5):
        shop.get("/deposit", headers={"Huopan-Signature": "v1=" + "0" * 64})

    answer = shop.get("/deposit")

    assert answer["RateLimit-Remaining"] == "59"


def test_a_redis_that_forgot_how_to_count_is_told_again(shop: Shop, settings: Settings) -> None:
    settings.API_RATE_PER_MINUTE = 60
    first = shop.get("/deposit")
    redis.Redis.from_url(settings.REDIS_URL).script_flush()

    second = shop.get("/deposit")

    assert (first["RateLimit-Remaining"], second["RateLimit-Remaining"]) == ("59", "58")


def test_without_redis_everything_is_allowed(shop: Shop, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.API_RATE_PER_MINUTE = 1

    statuses = [shop.get("/deposit").status_code for _ in range(3)]

    assert statuses == [200, 200, 200]


def test_a_redis_that_hangs_costs_little_and_only_once(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        settings.API_RATE_PER_MINUTE = 1

        durations = [_seconds(key_pk) for key_pk in range(50)]

    assert durations[0] < 0.15
    assert sum(durations[1:]) < 0.02


def _seconds(key_pk: int) -> float:
    before = time.perf_counter()
    [(_allowance, allowed)] = limiting.take_many([key_pk])
    assert allowed
    return time.perf_counter() - before
