"""What staff decide on goods: each decision is one act, recorded, and refused without a trace."""

import pytest

from kit.actors import OPERATIONS
from supplychain import reviewing, stock
from supplychain.models import Allotment, Category, Product, Revision, Stock
from tests import factories
from tests.console.staff import client_of, make_revision, make_staff, text
from tests.factories import (
    NOON,
    make_distributor,
    make_level,
    make_product,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db(transaction=True)


# --- reviews ----------------------------------------------------------------------------------------


def test_a_reviewer_confirms_with_a_markup_and_a_retail_price() -> None:
    revision = make_revision()
    reviewer = make_staff("see_goods", "review_products")

    answer = client_of(reviewer).post(
        f"/admin/reviews/{revision.pk}/",
        {"verdict": "approve", "markup_0_fen": "2.50", "retail_0_fen": "99"},
    )

    sku = Product.objects.get(pk=revision.product_id).skus.get()
    assert answer.status_code == 302
    assert (sku.markup_fen, sku.retail_price_fen) == (2_50, 99_00)
    assert Revision.objects.get(pk=revision.pk).decided_by == f"person:{reviewer.email}"


def test_the_next_one_that_waits_comes_after_a_decision() -> None:
    first, second = make_revision(owner_no="A"), make_revision(owner_no="B")
    client = client_of(make_staff("see_goods", "review_products"))

    answer = client.post(f"/admin/reviews/{first.pk}/", {"verdict": "reject", "note": "重复"})

    assert answer.headers["Location"] == f"/admin/reviews/{second.pk}/"


@pytest.mark.parametrize(
    ("verdict", "state"), [("ask", "changes_requested"), ("reject", "rejected")]
)
def test_who_sends_back_or_rejects_says_why(verdict: str, state: str) -> None:
    revision = make_revision()
    client = client_of(make_staff("see_goods", "review_products"))

    silent = client.post(f"/admin/reviews/{revision.pk}/", {"verdict": verdict, "note": " "})
    untouched = Revision.objects.get(pk=revision.pk).state
    client.post(f"/admin/reviews/{revision.pk}/", {"verdict": verdict, "note": "请补充图片"})

    decided = Revision.objects.get(pk=revision.pk)
    assert (silent.status_code, untouched) == (422, "open")
    assert (decided.state, decided.note) == (state, "请补充图片")


def test_the_second_of_two_reviewers_is_told_that_it_is_decided() -> None:
    revision = make_revision()
    client = client_of(make_staff("see_goods", "review_products"))
    reviewing.reject(revision_pk=revision.pk, note="重复", actor=OPERATIONS, at=NOON)

    answer = client.post(f"/admin/reviews/{revision.pk}/", {"verdict": "approve"})

    assert answer.status_code == 409
    assert "已拒绝" in text(answer)
    assert Revision.objects.get(pk=revision.pk).state == "rejected"


# --- goods ------------------------------------------------------------------------------------------


def test_staff_delist_with_a_reason_and_list_again() -> None:
    sku = make_sku()
    client = client_of(make_staff("see_goods", "list_products"))
    address = f"/admin/products/{sku.product_id}"

    client.post(f"{address}/delist/", {"reason": "质检"})
    delisted = Product.objects.get(pk=sku.product_id)
    client.post(f"{address}/list/", {"reason": ""})

    assert (delisted.state, delisted.state_reason) == ("delisted", "质检")
    assert Product.objects.get(pk=sku.product_id).state == "listed"


def test_a_product_is_opened_to_chosen_distributors_and_to_all_again() -> None:
    sku, chosen = make_sku(), make_distributor()
    make_distributor()
    client = client_of(make_staff("see_goods", "list_products"))
    address = f"/admin/products/{sku.product_id}/visibility/"

    client.post(address, {"visible_to": "chosen", "distributors": [str(chosen.pk)]})
    narrowed = Product.objects.get(pk=sku.product_id)
    opened = list(narrowed.openings.values_list("distributor_id", flat=True))
    client.post(address, {"visible_to": "everyone"})

    assert narrowed.chosen_only
    assert opened == [chosen.pk]
    assert not Product.objects.get(pk=sku.product_id).chosen_only


def test_a_products_own_rate_and_markup_change_what_a_level_pays() -> None:
    level = make_level(fee_rate_bp=500)
    sku = make_sku(supply_price_fen=100_00)
    client = client_of(make_staff("see_goods", "set_prices"))
    address = f"/admin/products/{sku.product_id}"

    client.post(f"{address}/rates/", {f"level_{level.pk}_bp": "2.5"})
    client.post(f"{address}/markups/", {f"sku_{sku.pk}_fen": "10"})

    # (100 + 10) × 1.025
    assert "¥112.75" in text(client.get(f"{address}/"))


def test_stock_is_set_only_by_who_saw_its_newest_version() -> None:
    sku = make_sku(available=10)
    client = client_of(make_staff("see_goods", "keep_stock"))
    address = f"/admin/skus/{sku.pk}/stock/"
    seen = client.get(address).context["form"]["version"].value()
    stock.adjust(sku_pk=sku.pk, quantity=-3, actor=OPERATIONS, at=NOON)

    late = client.post(address, {"how": "set", "quantity": "20", "version": str(seen)})
    left = Stock.objects.get(sku=sku).available
    client.post(address, {"how": "add", "quantity": "5", "version": str(seen), "note": "到货"})

    assert (late.status_code, left) == (409, 7)
    assert Stock.objects.get(sku=sku).available == 12


def test_a_part_of_the_pool_is_allotted_to_one_distributor() -> None:
    sku, distributor = make_sku(available=10), make_distributor()
    client = client_of(make_staff("see_goods", "keep_stock"))
    address = f"/admin/skus/{sku.pk}/allotment/"

    too_much = client.post(address, {"distributor": str(distributor.pk), "quantity": "11"})
    client.post(address, {"distributor": str(distributor.pk), "quantity": "4"})

    allotment = Allotment.objects.get(sku=sku, distributor=distributor)
    assert too_much.status_code == 409
    assert (allotment.available, allotment.then_pool) == (4, False)
    assert Stock.objects.get(sku=sku).available == 6


def test_an_own_product_is_added_and_changed_in_yuan() -> None:
    category = factories.make_category()
    client = client_of(make_staff("see_goods", "edit_products"))
    values = {
        "owner_no": "OWN-1", "name": "碧螺春", "category": str(category.pk), "unit": "盒",
        "supply_price_fen": "88.80", "opening_stock": "7", "weight_g": "250",
    }  # fmt: skip

    added = client.post("/admin/products/new/", values)
    product = Product.objects.get(item_no="OWN-1")
    client.post(
        f"/admin/products/{product.pk}/change/",
        {**values, "name": "明前碧螺春", "supply_0_fen": "90"},
    )

    product.refresh_from_db()
    sku = product.skus.select_related("stock").get()
    assert added.headers["Location"] == f"/admin/products/{product.pk}/"
    assert (product.state, product.name, product.supplier) == ("listed", "明前碧螺春", None)
    assert (sku.supply_price_fen, sku.stock.available) == (90_00, 7)


def test_a_suppliers_product_is_not_changed_by_staff() -> None:
    sku = make_sku(supplier=make_supplier())
    client = client_of(make_staff("see_goods", "edit_products"))

    assert client.get(f"/admin/products/{sku.product_id}/change/").status_code == 404


def test_reference_rows_are_kept_in_forms_that_check_them() -> None:
    parent = factories.make_category("食品")
    client = client_of(make_staff("see_goods", "edit_reference"))
    category = {
        "parent": str(parent.pk), "name": "酒水", "code": "wine", "position": "0",
        "attributes-TOTAL_FORMS": "1", "attributes-INITIAL_FORMS": "0",
        "attributes-0-name": "香型", "attributes-0-kind": "choice", "attributes-0-position": "0",
        "attributes-0-choices": "浓香，酱香、浓香", "attributes-0-required": "on",
    }  # fmt: skip

    client.post("/admin/supplychain/category/add/", category)
    twice = client.post("/admin/supplychain/category/add/", {**category, "code": "wine2"})
    choiceless = {**category, "name": "茶", "code": "tea", "attributes-0-choices": " ,"}
    client.post("/admin/supplychain/category/add/", choiceless)

    wine = Category.objects.get(code="wine")
    assert wine.path == "食品/酒水"
    assert wine.attributes.get().choices == ["浓香", "酱香"]
    assert twice.status_code == 200
    assert not Category.objects.filter(code__in=["wine2", "tea"]).exists()


def test_a_list_is_exported_with_formulas_made_harmless() -> None:
    make_sku(product=make_product(name="=HYPERLINK(1)"))

    answer = client_of(make_staff("see_goods")).get("/admin/supplychain/product/export/")

    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "'=HYPERLINK(1)" in text(answer)
    assert "¥50.00" in text(answer)
