"""The platform ships its own goods for many orders at once, as a supplier does."""

from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orders import placing
from orders.models import Fulfilment, History, Order, Shipment, ShippingFile
from tests.console.staff import client_of, make_staff
from tests.factories import make_distributor, make_request, make_sku, make_supplier

MAX_QUERIES = 15


def make_orders() -> tuple[list[Order], Order]:
    """Three orders of own goods, and one of a supplier's."""
    shop, tea = make_distributor(deposit_fen=10_000_00), make_sku()
    theirs = make_sku(supplier=make_supplier())
    requests = [make_request(shop, {sku: 2}) for sku in (tea, tea, tea, theirs)]
    placing.place_many(requests, at=timezone.now())
    *own, other = Order.objects.order_by("pk")
    return own, other


def test_own_goods_are_printed_and_shipped_by_one_file_with_an_answer_for_each_row(
    transactional_db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    own, other = make_orders()
    client = client_of(make_staff("ship_orders", "see_orders"))
    parts = list(Fulfilment.objects.own().order_by("pk"))
    keys = [str(part.pk) for part in parts]

    with django_assert_max_num_queries(MAX_QUERIES):
        listed = client.get("/admin/own-shipping/")
    picking = client.post(
        "/admin/own-shipping/begin/", {"parts": keys, "sheet": "picking"}, follow=True
    )
    slips = client.get("/admin/own-shipping/slips/", {"of": keys})
    labels = client.get("/admin/own-shipping/labels/", {"of": keys})
    rows = [f"{order.order_no},SF123456789012{place}" for place, order in enumerate(own)]
    sheet = "\n".join(["订单号,运单号", *rows, f"{other.order_no},SF1234567890999"])
    taken = client.post(
        "/admin/own-shipping/upload/",
        {"file": SimpleUploadedFile("sf.csv", sheet.encode())},
        follow=True,
    )
    shipped_before = Shipment.objects.count()
    file = ShippingFile.objects.get()
    done = client.post(f"/admin/shipping-files/{file.pk}/shipping/", follow=True)
    again = client.post(f"/admin/shipping-files/{file.pk}/shipping/", follow=True)

    assert listed.context["count"] == 3
    assert [one.pieces for one in picking.context["picked"]] == [6]
    assert own[0].consignee.opened[1] in slips.content.decode()
    assert labels.content.startswith(b"%PDF")
    assert shipped_before == 0
    assert (taken.context["ready"], taken.context["refused"]) == (3, 1)
    assert (done.context["shipped"], done.context["refused"]) == (3, 1)
    assert again.context["shipped"] == 3
    assert {p.fulfilment_id for p in Shipment.objects.all()} == {part.pk for part in parts}
    acts = set(History.objects.values_list("act", flat=True))
    assert {"begun", "slip_printed", "label_printed"} <= acts
    assert LogEntry.objects.filter(change_message__contains="upload_parcels").exists()


def test_a_pasted_file_is_discarded_without_a_trace_on_its_orders(transactional_db: None) -> None:
    own, _other = make_orders()
    client = client_of(make_staff("ship_orders"))

    client.post("/admin/own-shipping/paste/", {"text": f"{own[0].order_no} SF1234567890123"})
    file = ShippingFile.objects.get()
    client.post(f"/admin/shipping-files/{file.pk}/discarding/")
    late = client.post(f"/admin/shipping-files/{file.pk}/shipping/")

    assert late.status_code == 409
    assert not Shipment.objects.exists()
