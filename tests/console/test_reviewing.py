"""The queue of reviews, the difference as it is shown, and approving many: counted first, one by one."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from console import differences
from console.models import BulkJob, RowResult
from kit.actors import OPERATIONS, person
from suppliers.models import Supplier
from supplychain import content, reviewing
from supplychain.models import Revision
from tests.console.staff import client_of, make_content, make_revision, make_staff
from tests.factories import NOON, make_supplier

pytestmark = pytest.mark.django_db(transaction=True)

MAX_QUERIES = 15


def propose_change(revision: Revision, **fields: object) -> Revision:
    """Make a proposal live, and propose another content of the product."""
    reviewing.approve(revision_pk=revision.pk, actor=OPERATIONS, at=NOON)
    live = content.of(revision.product)
    assert live is not None
    wanted = make_content(owner_no=revision.product.owner_no, **fields)  # type: ignore[arg-type]
    return reviewing.propose_change(
        product_pk=revision.product_id,
        supplier=revision.product.supplier,
        content=wanted,
        actor=person("supplier@example.com"),
        at=NOON,
    )


def reviewer() -> Client:
    return client_of(make_staff("see_goods", "review_products"))


def trust(supplier: Supplier) -> None:
    """As if it came to be trusted while its proposals waited."""
    Supplier.objects.filter(pk=supplier.pk).update(trusted=True)


def test_the_queue_shows_the_oldest_first_and_is_narrowed_by_kind_and_supplier(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    supplier = make_supplier(trusted=False)
    dearer = propose_change(make_revision(supplier=supplier, owner_no="A"), price_fen=60_00)
    renamed = propose_change(make_revision(supplier=supplier, owner_no="B"), name="明前茶")
    new = make_revision(owner_no="C")
    client = reviewer()

    with django_assert_max_num_queries(MAX_QUERIES):
        everything = client.get("/admin/reviews/").context
    found = {
        kind: [
            one.pk
            for one, _picture, _kinds in client.get(f"/admin/reviews/?kind={kind}").context["rows"]
        ]
        for kind in ("new", "rise", "cut", "texts", "pictures")
    }
    of_one = client.get(f"/admin/reviews/?supplier={supplier.pk}").context["rows"]

    assert [one.pk for one, _picture, _kinds in everything["rows"]] == [
        dearer.pk,
        renamed.pk,
        new.pk,
    ]
    assert everything["counts"]["all"] == 3
    assert found == {
        "new": [new.pk], "rise": [dearer.pk], "cut": [], "texts": [renamed.pk], "pictures": [],
    }  # fmt: skip
    assert [one.pk for one, _picture, _kinds in of_one] == [dearer.pk, renamed.pk]


def test_a_review_marks_words_and_shows_who_decided_before() -> None:
    revision = propose_change(make_revision(), name="明前龙井茶", price_fen=60_00)

    page = reviewer().get(f"/admin/reviews/{revision.pk}/").content.decode()

    assert "<mark>明前</mark>龙井茶" in page
    assert "+20.0 %" in page
    assert page.count('<tr class="hp-this">') == 1
    assert "生效" in page


def test_words_are_marked_where_one_text_has_them_and_the_other_has_not() -> None:
    old, new = differences.words("red tea 250g", "green tea 250g")

    assert [part.text for part in old if part.is_marked] == ["red"]
    assert [part.text for part in new if part.is_marked] == ["green"]
    assert "".join(part.text for part in new) == "green tea 250g"


def test_pictures_are_marked_as_added_removed_or_moved() -> None:
    old, new = differences.shots(["a", "b", "c"], ["c", "a", "d"], {})

    assert [(one.address, one.mark) for one in old if one.mark] == [
        ("b", "removed"),
        ("c", "moved"),
    ]
    assert [(one.address, one.mark) for one in new if one.mark] == [("c", "moved"), ("d", "added")]


def test_a_picked_reason_is_told_to_the_supplier_before_what_was_written() -> None:
    revision = make_revision()

    reviewer().post(
        f"/admin/reviews/{revision.pk}/", {"verdict": "ask", "canned": "3", "note": "请改到茶叶"}
    )

    assert Revision.objects.get(pk=revision.pk).note == "所选分类不正确。\n请改到茶叶"


@pytest.mark.parametrize("verdict", ["approve", "ask", "reject"])
def test_what_was_submitted_anew_meanwhile_is_not_decided_by_what_was_seen(verdict: str) -> None:
    revision = make_revision()
    client = reviewer()
    seen = client.get(f"/admin/reviews/{revision.pk}/").context["form"]["seen"].value()
    Revision.objects.filter(pk=revision.pk).update(submitted_at=NOON.replace(minute=5))

    answer = client.post(
        f"/admin/reviews/{revision.pk}/", {"verdict": verdict, "note": "好", "seen": seen}
    )

    assert answer.status_code == 409
    assert Revision.objects.get(pk=revision.pk).state == "open"


def test_ticked_ones_are_counted_first_and_then_confirmed_one_by_one() -> None:
    first, second = make_revision(owner_no="A"), make_revision(owner_no="B")
    left = make_revision(owner_no="C")
    client = reviewer()
    address = f"/admin/reviews/approval/?revision={first.pk}&revision={second.pk}"

    counted = client.post(address)
    untouched = set(Revision.objects.values_list("state", flat=True))
    reviewing.reject(revision_pk=second.pk, note="重复", actor=OPERATIONS, at=NOON)
    fewer = client.post(address, {"sure": "2"})
    done = client.post(address, {"sure": "1"})

    job = BulkJob.objects.get()
    states = dict(Revision.objects.values_list("pk", "state"))
    assert "将通过 2 条变更" in counted.content.decode()
    assert untouched == {"open"}
    assert "将通过 1 条变更" in fewer.content.decode()
    assert done.headers["Location"] == f"/admin/bulk-jobs/{job.pk}/"
    assert states == {first.pk: "applied", second.pk: "rejected", left.pk: "open"}
    assert job.counts == {RowResult.DONE: 1}


def test_all_of_the_queue_is_confirmed_for_trusted_suppliers_only() -> None:
    trusted, other = make_supplier(trusted=False), make_supplier(trusted=False)
    mine = make_revision(supplier=trusted, owner_no="A")
    foreign = make_revision(supplier=other, owner_no="B")
    trust(trusted)

    reviewer().post("/admin/reviews/approval/?all=1", {"sure": "1"})

    assert Revision.objects.get(pk=mine.pk).state == "applied"
    assert Revision.objects.get(pk=foreign.pk).state == "open"


def test_what_is_submitted_after_the_queue_was_shown_is_left_out() -> None:
    revision = make_revision()
    client = reviewer()
    earlier = NOON.replace(hour=1).isoformat().replace("+", "%2B")

    client.post(f"/admin/reviews/approval/?revision={revision.pk}&until={earlier}", {"sure": "1"})

    assert Revision.objects.get(pk=revision.pk).state == "open"
    assert not BulkJob.objects.exists()


def test_who_may_only_look_confirms_nothing() -> None:
    revision = make_revision()
    client = client_of(make_staff("see_goods"))

    codes = {
        client.post(f"/admin/reviews/approval/?revision={revision.pk}", {"sure": "1"}).status_code,
        client.post(f"/admin/reviews/{revision.pk}/", {"verdict": "approve"}).status_code,
    }

    assert codes == {403}
    assert Revision.objects.get(pk=revision.pk).state == "open"
