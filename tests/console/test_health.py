"""What monitoring is told."""

from datetime import timedelta

import pytest
import redis
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console import health, measuring
from kit.actors import OPERATIONS
from orders import placing
from tests.console.staff import client_of, make_staff
from tests.factories import NOON, make_distributor, make_request, make_sku


def test_living_asks_no_store(client: Client) -> None:
    # Without the database fixture any query would fail this test.
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_is_a_migrated_database_and_the_broker_is_only_reported(
    client: Client, settings: LazySettings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["database"] == "ok"
    assert answer.json()["broker"] == "unreachable"


@pytest.mark.django_db
def test_the_age_of_the_clock_is_known_once_it_ticked() -> None:
    assert health.beat_age(NOON) is None

    health.note_beat(NOON)

    assert health.beat_age(NOON + timedelta(seconds=40)) == 40


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_case", "headers", "address", "status"),
    [
        ("this machine", {}, "127.0.0.1", 200),
        ("another machine", {}, "203.0.113.7", 404),
        ("another machine through a proxy here", {"X-Forwarded-For": "1.2.3.4"}, "127.0.0.1", 404),
        ("the token", {"Authorization": "Bearer open sesame"}, "203.0.113.7", 200),
        ("another token", {"Authorization": "Bearer sesame"}, "203.0.113.7", 404),
    ],
)
def test_measures_are_for_this_machine_or_for_the_token(
    client: Client,
    settings: LazySettings,
    _case: str,
    headers: dict[str, str],
    address: str,
    status: int,
) -> None:
    settings.METRICS_TOKEN = "open sesame"

    answer = client.get("/metrics", headers=headers, REMOTE_ADDR=address)

    assert answer.status_code == status


@pytest.mark.django_db(transaction=True)
def test_measures_count_what_waits(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    shop, tea = make_distributor(), make_sku()
    placing.place(make_request(shop, {tea: 1}), at=NOON - timedelta(days=9))

    waiting = measuring.waiting(at=NOON)
    with django_assert_max_num_queries(3):
        text = client.get("/metrics").content.decode()

    assert waiting["fulfilments_to_ship"] == waiting["fulfilments_late"] == 1
    assert waiting["outbox_unstamped"] > 0
    assert "huopan_fulfilments_to_ship 1" in text
    assert "huopan_oldest_transaction_seconds" in text
    assert OPERATIONS.name not in text


@pytest.mark.django_db(transaction=True)
def test_the_page_of_health_names_what_is_red_and_what_helps(
    django_assert_max_num_queries: DjangoAssertNumQueries, settings: LazySettings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    shop, tea = make_distributor(), make_sku()
    placing.place(make_request(shop, {tea: 1}), at=timezone.now() - timedelta(minutes=9))
    client = client_of(make_staff("see_records"))

    with django_assert_max_num_queries(15):
        page = client.get("/admin/health/")

    signs = {sign.label: sign for _title, group in page.context["groups"] for sign in group}
    assert not signs["消息代理"].is_good
    assert not signs["最早未编号事件的等待"].is_good
    assert not signs["时钟上次走动"].is_good
    assert signs["校验发现的问题"].is_good
    assert signs["连接数"].is_good
    assert "manage.py sweep" in page.content.decode()
    assert [row[1] for row in page.context["busiest"]] == [tea.sku_no]
    assert all(version for _name, version in page.context["versions"])


@pytest.mark.django_db
def test_tasks_that_nobody_takes_are_counted(settings: LazySettings) -> None:
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.rpush("slow", "a task", "another")

    try:
        page = client_of(make_staff("see_records")).get("/admin/health/")
    finally:
        broker.delete("slow")

    signs = {sign.label: sign for _title, group in page.context["groups"] for sign in group}
    assert signs["消息代理"].is_good
    assert signs["队列中的任务"].value == "2"
