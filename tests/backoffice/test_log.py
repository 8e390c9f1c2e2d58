"""The owner's log: what the company's people and keys did, and nothing of anybody else."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from books import deeds
from books.deeds import Wanted
from companies.models import Membership, Person, Role
from kit import actors
from kit.actors import OPERATIONS
from orders import placing, shipping
from orders.models import Order
from suppliers.models import Supplier
from supplychain import stock
from supplychain.models import Sku
from tests.factories import NOON, make_distributor, make_request, make_supplier
from tests.people import log_in, make_live_product, make_person

pytestmark = pytest.mark.django_db(transaction=True)


def set_stock(supplier: Supplier, person: Person, available: int) -> Sku:
    sku = make_live_product(supplier).skus.get()
    stock.set_available(
        sku_pk=sku.pk, available=available, actor=actors.person(person.email), at=NOON
    )
    return sku


def ship(order: Order, supplier: Supplier, person: Person) -> str:
    part = order.fulfilments.get(supplier=supplier)
    tracking_no = f"SF{part.pk:013}"
    shipping.ship(
        fulfilment_pk=part.pk,
        supplier=supplier,
        carrier_code="SF",
        tracking_no=tracking_no,
        actor=actors.person(person.email),
        at=NOON,
    )
    return tracking_no


def lines(client: Client, query: str = "") -> list[str]:
    """What each line of the log says, without its markup."""
    page = client.get(f"/supplier/log/{query}").content.decode()
    body = re.search(r"<tbody>(.*)</tbody>", page, flags=re.S)
    rows = re.findall(r"<tr>(.*?)</tr>", body[1], flags=re.S) if body else []
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_the_log_tells_what_people_and_keys_did_by_person_kind_and_day(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    supplier = make_supplier()
    owner, clerk = make_person(supplier.company), make_person(supplier.company, role=Role.MEMBER)
    clerk.name = "李雷"
    clerk.save()
    sku = set_stock(supplier, clerk, 77)
    order = Order.objects.get(
        order_no=placing.place(make_request(make_distributor(), {sku: 1}), at=NOON).document[
            "order_no"
        ]
    )
    tracking_no = ship(order, supplier, clerk)
    client = log_in(owner)
    pk = supplier.company.memberships.get(person=clerk).pk
    client.post(f"/team/members/{pk}/role/", {f"member-{pk}-role": "reader"})

    with django_assert_max_num_queries(15):
        all_lines = lines(client)

    assert any("李雷" in line and "→ 77" in line for line in all_lines)
    assert any("李雷" in line and tracking_no in line for line in all_lines)
    assert any(clerk.email in line and "member → reader" in line for line in all_lines)
    assert all("→ 77" in line for line in lines(client, "?kind=stock"))
    assert len(lines(client, f"?who=person:{clerk.email}&kind=orders")) >= 1
    assert lines(client, f"?who=person:{owner.email}&kind=orders") == []
    assert lines(client, "?day=2020-01-01") == []
    assert lines(client, "?day=9999-12-31&after=x&kind=x") == all_lines
    assert len(lines(client, "?day=2026-11-22&kind=stock")) == 1
    assert log_in(clerk).get("/supplier/log/").status_code == 403


def test_nobody_elses_deeds_are_shown_not_even_of_the_same_order_or_person() -> None:
    mine, other = make_supplier(), make_supplier()
    owner = make_person(mine.company)
    shared = make_person(other.company)
    Membership.objects.create(company=mine.company, person=shared, role=Role.MEMBER, joined_at=NOON)
    both = {make_live_product(one).skus.get(): 1 for one in (mine, other)}
    placed = placing.place(make_request(make_distributor(), both), at=NOON)
    order = Order.objects.get(order_no=placed.document["order_no"])
    own_parcel, foreign_parcel = ship(order, mine, shared), ship(order, other, shared)
    foreign_sku = set_stock(other, shared, 88)
    stock.set_available(
        sku_pk=make_live_product(mine).skus.get().pk,
        available=99,
        actor=actors.person("staff@example.com"),
        at=NOON,
    )

    shown = " ".join(lines(log_in(owner)))

    assert own_parcel in shown
    for foreign in (foreign_parcel, foreign_sku.sku_no, "→ 99", "staff@", OPERATIONS.name):
        assert foreign not in shown


def test_pages_go_on_where_the_last_one_ended() -> None:
    supplier = make_supplier()
    person = make_person(supplier.company)
    for available in range(31, 36):
        set_stock(supplier, person, available)
    team = deeds.authors(supplier)
    wanted = Wanted(kind="stock")

    read, after = [], ""
    while page := deeds.of_supplier(supplier, team, wanted=wanted, after=after, limit=2):
        read += [deed.facts["balance"] for deed in page]
        after = page[-1].cursor

    assert read == [35, 34, 33, 32, 31]
