"""Roles never add up, and what belongs to another company does not exist: over all routes."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, reverse

import backoffice.urls
import portal.urls
from aftersales import deciding, goodwill
from aftersales.models import Case, Claim
from companies.models import Person
from distributors import onboarding as distributor_onboarding
from distributors.models import Distributor
from integration import keys
from kit.actors import OPERATIONS
from orders import (
    cancelling,
    collecting,
    filing,
    holding,
    placing,
    shipping,
    shipping_files,
    shipping_rows,
)
from orders.models import Order, ShippingFile
from orders.order_sheets import Drafted, TooManyLines
from suppliers import onboarding
from suppliers.models import Supplier
from supplychain import tariffs
from supplychain.models import ChargeBy, FreightTemplate, Opening
from tests.factories import (
    NOON,
    make_api_request,
    make_bill,
    make_case,
    make_claim,
    make_distributor,
    make_evidence,
    make_goods_file,
    make_level,
    make_paper,
    make_product,
    make_received_order,
    make_recharge,
    make_request,
    make_shipped_order,
    make_sku,
    make_slip,
    make_supplier,
    make_withdrawal,
)
from tests.people import log_in, log_in_by_password, make_live_product, make_order_for, make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def paths(name: str, patterns: list[Any], arguments: dict[str, Any]) -> Iterator[str]:
    """Every address of one side, filled with these numbers."""
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        wanted = pattern.pattern.regex.groupindex
        yield reverse(f"{name}:{pattern.name}", kwargs={key: arguments[key] for key in wanted})


def make_template(supplier: Supplier) -> FreightTemplate:
    return tariffs.save_template(
        supplier=supplier,
        name="全国",
        charge_by=ChargeBy.PIECE,
        rules=[tariffs.Rule((), 8_00)],
    )


def make_case_of(supplier: Supplier) -> Case:
    """New goods are to be shipped by a supplier, for a case with a photo."""
    shop = make_distributor()
    order = make_shipped_order(shop, {make_live_product(supplier).skus.get(): 2})
    photo = make_evidence(shop)
    case = make_case(order, type="resend", reason="missing", evidence=[photo.upload_id])
    return deciding.approve(
        case_no=case.case_no, approved_fen=1, liability="supplier", actor=OPERATIONS, at=NOON
    )


def make_promise_of(supplier: Supplier) -> Claim:
    """A claim for which the platform promised new goods of a supplier."""
    shop = make_distributor()
    claim = make_claim(make_received_order(shop, {make_live_product(supplier).skus.get(): 2}))
    about: dict[str, Any] = {"claim_no": claim.claim_no, "actor": OPERATIONS, "at": NOON}
    goodwill.ask(distributor=shop, amount_fen=0, note="请补发", **about)
    goodwill.offer(kind="reship", liability="supplier", **about)
    return goodwill.settle(distributor=shop, **about)


def of_supplier(supplier: Supplier) -> dict[str, Any]:
    """What a supplier has, as its addresses name it."""
    order = make_order_for(supplier)
    product = make_live_product(supplier)
    case = make_case_of(supplier)
    return {
        "order_no": order.order_no,
        "bill_no": make_bill(supplier).bill_no,
        "case_no": case.case_no,
        "claim_no": make_promise_of(supplier).claim_no,
        "upload_id": case.evidence.get().upload_id,
        "item_no": product.item_no,
        "sku_no": product.skus.get().sku_no,
        "pk": make_template(supplier).pk,
        "public_id": keys.create(partner=supplier.partner, at=NOON).key.public_id,
        "request_id": make_api_request(supplier).request_id,
        "file_no": make_shipping_file(supplier).file_no,
        "import_no": make_goods_file(supplier).import_no,
        "line": 987654,
        "paper_no": make_paper(supplier).paper_no,
    }


def make_shipping_file(supplier: Supplier) -> ShippingFile:
    return shipping_files.take_in(
        supplier=supplier,
        name="a.csv",
        table=shipping_rows.read_text("A1 SF1234567890123"),
        actor=OPERATIONS,
        at=NOON,
    )


def of_distributor(shop: Distributor, order: Order) -> dict[str, Any]:
    key = shop.partner.keys.first()
    assert key is not None
    buyer = order.distributor
    held = holding.hold(request=make_request(buyer, {make_sku(supply_price_fen=1): 1}), at=NOON)
    return {
        "cancellation_no": of_cancellation(buyer),
        "day": "2026-11-20",
        "form": "csv",
        "reconciliation_id": "A",
        "claim_no": make_claim(make_received_order(buyer, {make_sku(): 1})).claim_no,
        "hold_id": held.hold_id,
        "order_no": order.order_no,
        "public_id": key.public_id,
        "request_id": make_api_request(buyer).request_id,
        "name": "signing",
        "recharge_no": make_recharge(buyer, slip=make_slip()).recharge_no,
        "withdrawal_no": make_withdrawal(buyer, amount_fen=1_00).withdrawal_no,
        "seq": "987654",
        **of_goods(buyer),
        **of_case(order),
    }


def of_goods(shop: Distributor) -> dict[str, Any]:
    """How addresses name goods that only one distributor sees, in its basket, and its orders' file."""
    sku = make_sku(product=make_product(chosen_only=True))
    Opening.objects.create(product=sku.product, distributor=shop)
    collecting.add(
        distributor=shop,
        person=make_person(shop.company),
        quantities={sku.sku_no: 1},
        at=NOON,
    )
    drafted = [Drafted("A1", rows=[(2, {})], faults=[TooManyLines(limit=1, count=2)])]
    file = filing.take_in(
        distributor=shop, name="a.xlsx", drafts=drafted, actor=OPERATIONS, at=NOON
    )
    return {"item_no": sku.product.item_no, "sku_no": sku.sku_no, "file_no": file.file_no}


def of_cancellation(shop: Distributor) -> str:
    """How an address names a cancellation of a distributor's."""
    placed = placing.place(make_request(shop, {make_sku(supply_price_fen=1): 1}), at=NOON)
    [cancellation] = cancelling.request(
        distributor=shop,
        order_pk=Order.objects.get(order_no=placed.document["order_no"]).pk,
        reason="changed_mind",
        actor=OPERATIONS,
        at=NOON,
    )
    return str(cancellation)


def of_case(order: Order) -> dict[str, Any]:
    """How addresses name a case about an order, something done with it, and a photo."""
    part = order.fulfilments.get()
    shipping.ship(
        fulfilment_pk=part.pk,
        supplier=part.supplier,
        carrier_code="SF",
        tracking_no=f"SF{part.pk:013}",
        actor=OPERATIONS,
        at=NOON,
    )
    photo = make_evidence(order.distributor)
    return {
        "case_no": make_case(order).case_no,
        "action": "withdrawal",
        "upload_id": photo.upload_id,
    }


def make_double() -> tuple[Person, Supplier, Distributor]:
    """Somebody whose company has both roles."""
    supplier = make_supplier()
    shop = distributor_onboarding.open_distributor(
        name="", company=supplier.company, level=make_level(), at=NOON
    ).distributor
    return make_person(supplier.company), supplier, shop


def switch(client: Client, company_number: str, side: str) -> int:
    answer = client.post("/switch-role/", {"role": f"{company_number}/{side}"})
    return answer.status_code


def test_in_one_role_the_pages_of_the_other_do_not_exist() -> None:
    person, supplier, shop = make_double()
    client = log_in(person)
    supplier_paths = list(paths("supplier", backoffice.urls.urlpatterns, of_supplier(supplier)))
    order = make_order_for(make_supplier())
    portal_paths = list(paths("portal", portal.urls.urlpatterns, of_distributor(shop, order)))

    for side, theirs in (("supplier", portal_paths), ("distributor", supplier_paths)):
        assert switch(client, supplier.company.number, side) == 302
        for path in theirs:
            for answer in (client.get(path), client.post(path)):
                assert answer.status_code in (404, 405), (side, path, answer.status_code)


def test_the_role_last_used_is_where_the_next_log_in_leads() -> None:
    person, supplier, _shop = make_double()
    first = log_in(person)
    assert first.get("/").headers["location"] == "/portal/"

    switch(first, supplier.company.number, "supplier")

    assert first.get("/").headers["location"] == "/supplier/"
    assert log_in(person).get("/").headers["location"] == "/supplier/"


def test_nobody_switches_to_a_role_they_do_not_have_nor_by_a_link() -> None:
    client = log_in(make_person(make_supplier().company))
    other = make_distributor(deposit_fen=0)

    assert switch(client, other.company.number, "distributor") == 404
    assert client.get("/switch-role/").status_code == 405
    assert client.get("/supplier/").status_code == 200


def test_what_belongs_to_another_supplier_does_not_exist() -> None:
    foreign = of_supplier(make_supplier())
    client = log_in(make_person(make_supplier().company))

    answers = {
        (path, method): getattr(client, method)(path).status_code
        for path in paths("supplier", backoffice.urls.urlpatterns, foreign)
        if any(str(number) in path for number in foreign.values())
        for method in ("get", "post")
    }

    assert len(answers) >= 22
    assert set(answers.values()) <= {404, 405}, answers
    for path in (
        "/supplier/orders/",
        "/supplier/aftersales/",
        "/supplier/aftersales/?show=open",
        "/supplier/goods/",
        "/supplier/stock/",
        "/supplier/freight/",
    ):
        page = client.get(path).content.decode()
        assert not any(str(number) in page for key, number in foreign.items() if key != "pk")


def test_what_belongs_to_another_distributor_does_not_exist() -> None:
    order = make_order_for(make_supplier())
    foreign = of_distributor(order.distributor, order)
    client = log_in_by_password(make_person(make_distributor().company))
    # What names a thing, and could be met by nobody who does not own it.
    path_names = foreign.keys() - {"action", "form", "name", "reconciliation_id"}

    answers = {
        (path, method): getattr(client, method)(path, {"reason": "x"}).status_code
        for path in paths("portal", portal.urls.urlpatterns, foreign)
        if any(number in path for name, number in foreign.items() if name in path_names)
        for method in ("get", "post")
    }

    assert len(answers) >= 14
    assert set(answers.values()) <= {404, 405}, answers
    assert order.distributor.partner.keys.get().state == "live"


def test_others_numbers_in_forms_and_searches_lead_nowhere() -> None:
    supplier, other = make_supplier(), make_supplier()
    foreign = make_order_for(other)
    client = log_in(make_person(supplier.company))

    begun = client.post("/supplier/orders/begin/", {"order": foreign.order_no})
    slips = client.get("/supplier/orders/slips/", {"of": foreign.order_no}).content.decode()
    found = client.get("/supplier/orders/", {"q": foreign.order_no}).content.decode()

    assert begun.status_code == 404
    assert foreign.fulfilments.get().begun_at is None
    assert "海德三道" not in slips
    assert f"/supplier/orders/{foreign.order_no}/" not in found


def test_without_log_in_every_page_leads_to_it() -> None:
    client = Client()
    numbers = dict.fromkeys(
        (
            "order_no",
            "item_no",
            "sku_no",
            "public_id",
            "bill_no",
            "hold_id",
            "file_no",
            "import_no",
            "paper_no",
            "cancellation_no",
            "case_no",
            "claim_no",
            "upload_id",
            "action",
            "recharge_no",
            "withdrawal_no",
            "reconciliation_id",
            "request_id",
            "name",
        ),
        "A",
    ) | {"pk": 1, "line": 1, "seq": 1, "day": "2026-11-20", "form": "csv"}

    for name, urls in (("supplier", backoffice.urls), ("portal", portal.urls)):
        for path in paths(name, urls.urlpatterns, numbers):
            answer = client.get(path)
            if answer.status_code == 405:
                answer = client.post(path)
            assert answer.headers["location"].startswith("/accounts/login/?next="), path


def test_a_suspended_supplier_looks_and_ships_but_changes_nothing() -> None:
    supplier = make_supplier()
    mine = of_supplier(supplier)
    client = log_in(make_person(supplier.company))
    onboarding.change_state(
        supplier_pk=supplier.pk, to="suspended", reason="papers missing", at=NOON
    )

    home = client.get("/supplier/").content.decode()
    refused = [
        client.post(f"/supplier/stock/{mine['sku_no']}/", {"available": "1", "version": "1"}),
        client.post(f"/supplier/goods/{mine['item_no']}/listing/", {"on_sale": "0"}),
        client.post("/supplier/goods/new/", {}),
        client.post(f"/supplier/goods/{mine['item_no']}/change/", {}),
        client.post(f"/supplier/freight/{mine['pk']}/", {}),
        client.post("/supplier/goods/pictures/", {}),
    ]
    line = Order.objects.get(order_no=mine["order_no"]).lines.get()
    shipped = client.post(
        f"/supplier/orders/{mine['order_no']}/",
        {"tracking_no": "SF1234567890123", "carrier": "SF", f"pieces_{line.pk}": "2"},
    )

    assert "papers missing" in home
    assert [answer.status_code for answer in refused] == [403] * 6
    assert not supplier.products.exclude(state="listed").exists()
    assert shipped.status_code == 302
    line.refresh_from_db()
    assert line.shipped == 2


def test_a_forged_post_without_its_token_is_refused() -> None:
    supplier = make_supplier()
    product = make_live_product(supplier)
    ours = log_in(make_person(supplier.company))
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = ours.cookies

    answer = forged.post(f"/supplier/goods/{product.item_no}/listing/", {"on_sale": "0"})

    product.refresh_from_db()
    assert (answer.status_code, product.state) == (403, "listed")
