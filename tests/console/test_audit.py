"""The record of every change: written by the database, attributed, searchable, never changed itself."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import InternalError, connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from companies import policies
from companies.models import Company, Person
from config.celery import app
from console import reference, rights, watching
from console.models import Alteration
from distributors.models import Distributor
from integration.models import ApiKey
from kit import actors, attributing
from supplychain.models import Sku
from tests.api.signed import Shop
from tests.console.staff import client_of, make_staff
from tests.factories import NOON, make_distributor, make_sku

pytestmark = pytest.mark.django_db(transaction=True)


def newest(table: str) -> Alteration:
    """The last change of a table."""
    return Alteration.objects.filter(table=table).latest("pk")


def test_every_table_is_watched_as_the_list_says() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s",
            [watching.TRIGGER],
        )
        there = {table: _plain(text) for table, text in cursor.fetchall()}

    assert there == {one.table: _plain(watching.trigger(one)) for one in watching.TABLES}


def test_no_column_is_forgotten_where_columns_are_named() -> None:
    models = {
        model._meta.db_table: {field.column for field in model._meta.local_concrete_fields}
        for model in apps.get_models(include_auto_created=True)
    }

    named = [one for one in watching.TABLES if one.columns]

    assert named
    assert all({"id", *one.columns, *one.left_out} == models[one.table] for one in named)
    assert all({*one.left_out, *one.blotted} <= models[one.table] for one in watching.TABLES)


def test_bulk_sql_leaves_a_change_of_every_row_with_before_and_after() -> None:
    first, second = make_sku(markup_fen=1_00), make_sku(markup_fen=2_00)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE supplychain_sku SET markup_fen = markup_fen + 50, price_version = 9")

    changes = Alteration.objects.filter(table="supplychain_sku").order_by("pk")
    assert {one.row_pk: (one.before, one.after, one.owner_pk) for one in changes} == {
        first.pk: ({"markup_fen": 1_00}, {"markup_fen": 1_50}, first.product_id),
        second.pk: ({"markup_fen": 2_00}, {"markup_fen": 2_50}, second.product_id),
    }
    assert {one.actor.partition(":")[0] for one in changes} == {"database"}


def test_orders_and_what_ticks_by_itself_leave_none() -> None:
    shop = make_distributor()
    before = Alteration.objects.count()

    Distributor.objects.filter(pk=shop.pk).update(deposit_is_low=True, price_version=77)
    ApiKey.objects.update(last_used_address="203.0.113.7")
    Sku.objects.update(markup_fen=0)

    assert Alteration.objects.count() == before


def test_secrets_are_blotted_and_only_their_change_is_told() -> None:
    shop = make_distributor()
    Person.objects.create(email="a@example.com", password="hash")

    Person.objects.filter(email="a@example.com").update(password="another hash")

    change = newest("companies_person")
    assert (change.before, change.after) == ({"password": "•••"}, {"password": "•••"})
    keys = Alteration.objects.filter(table="integration_apikey", owner_pk=shop.partner_id)
    assert {one.after["secret_sealed"] for one in keys} == {"•••"}


def test_a_change_names_who_made_it_and_the_name_ends_with_the_act(client: Client) -> None:
    shop = make_distributor()
    boss = make_staff(superuser=True)

    client_of(boss).post(
        f"/admin/distributors/{shop.pk}/threshold/", {"low_deposit_threshold_fen": "12.34"}
    )
    by_person = newest("distributors_distributor")
    with attributing.to(lambda: str(actors.OPERATIONS)):
        Company.objects.filter(pk=shop.company_id).update(name="50 % O'Brien")
    by_command = newest("companies_company")
    with transaction.atomic():
        Company.objects.filter(pk=shop.company_id).update(name="之后")
    by_nobody = newest("companies_company")

    assert by_person.actor == f"person:{boss.email}"
    assert by_person.after == {"low_deposit_threshold_fen": 12_34}
    assert (by_command.actor, by_command.after) == (
        "operations:operations",
        {"name": "50 % O'Brien"},
    )
    assert by_nobody.actor.startswith("database:")


def test_a_task_acts_by_its_own_name_even_inside_a_command() -> None:
    shop = make_distributor()

    @app.task(name="tests.rename")
    def rename() -> None:
        Company.objects.filter(pk=shop.company_id).update(name="自动改名")

    try:
        with attributing.to(lambda: str(actors.OPERATIONS)):
            rename()
    finally:
        del app.tasks["tests.rename"]

    assert newest("companies_company").actor == "timer:tests.rename"


def test_what_a_machine_sets_was_done_by_its_key() -> None:
    shop = Shop()

    shop.send("PUT", "/webhook", b'{"url": "http://127.0.0.1:9/hook", "types": ["order.*"]}')

    change = newest("integration_endpoint")
    assert change.actor == f"key:{shop.key.public_id}"
    assert change.after["url"] == "http://127.0.0.1:9/hook"
    assert change.after["secret_sealed"] == "•••"


def test_rights_given_to_a_group_are_a_change_of_the_group() -> None:
    reference.load()
    group = Group.objects.get(name="service")

    group.permissions.remove(rights.permissions(["refund_orders"])[0])

    change = newest("auth_group_permissions")
    assert (change.kind, change.owner_table, change.owner_pk) == ("delete", "auth_group", group.pk)


@pytest.mark.parametrize(
    "sql", ["UPDATE console_alteration SET actor = 'nobody'", "DELETE FROM console_alteration"]
)
def test_a_change_is_never_changed_nor_taken_away(sql: str) -> None:
    make_distributor()

    with (
        pytest.raises(InternalError, match="Cannot update or delete"),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert Alteration.objects.exclude(actor="nobody").exists()


def test_changes_are_found_by_thing_person_kind_column_and_day(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    reference.load()
    shops = [make_distributor() for _ in range(12)]
    boss = make_staff(superuser=True)
    with attributing.to(lambda: f"person:{boss.email}"):
        Company.objects.filter(pk=shops[0].company_id).update(name="甲公司", contact_name="李四")
        Distributor.objects.filter(pk=shops[0].pk).update(low_deposit_threshold_fen=12_34)
        policies.decide(name="quote_minutes", value=20, actor=actors.OPERATIONS, at=NOON)
    client = client_of(make_staff("see_records"))

    def found(**asked: str) -> str:
        return client.get("/admin/audit/", asked).content.decode()

    with django_assert_max_num_queries(15):
        everything = found()
    by_hand = found(who=boss.email)

    assert "?after=" in everything
    assert "¥12.34" in by_hand
    assert "李四" in by_hand
    assert "李四" in found(of=f"companies_company:{shops[0].company_id}")
    assert "¥12.34" in found(of=f"companies_company:{shops[0].company_id}")
    assert "李四" not in found(who=boss.email, column="low_deposit_threshold_fen")
    decided = found(table="companies_policychange")
    assert "15 分钟" in decided
    assert "20 分钟" in decided
    assert boss.email in found(q=boss.email)
    assert "没有找到" in found(who=boss.email, table="auth_group")
    assert "没有找到" in found(who=boss.email, kind="delete")
    assert "没有找到" in found(who=boss.email, until="2001-01-01")
    assert "李四" in found(q="甲公")
    assert "没有找到" in found(q="乙公司")


def _plain(text: str) -> str:
    return " ".join(text.replace("public.", "").replace(", ", ",").split())
