"""Reviewing: who may propose what, what needs a reviewer, and what going live changes."""

import threading
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from django.db import connection

from companies import policies
from kit.actors import OPERATIONS, Actor, person
from kit.errors import DomainError, NotFound, WrongState
from suppliers import onboarding
from suppliers.models import Supplier
from supplychain import checking, content, offers, proposing, reviewing, stock
from supplychain.content import Content
from supplychain.models import Movement, Product, ProductState, Revision, RevisionState, Sku
from tests.factories import NOON, make_distributor, make_picture, make_supplier
from tests.supplychain.proposals import LI, make_content, propose, sku_content

pytestmark = pytest.mark.django_db

WANG = person("wang@platform.test")
LATER = NOON + timedelta(days=3)


def change(
    revision: Revision, supplier: Supplier | None, content: Content, **fields: object
) -> Revision:
    return reviewing.propose_change(
        product_pk=revision.product_id,
        supplier=supplier,
        content=content,
        actor=LI,
        at=NOON,
        **fields,  # type: ignore[arg-type]
    )


def approve(revision: Revision, **fields: object) -> Revision:
    return reviewing.approve(revision_pk=revision.pk, actor=WANG, at=NOON, **fields)  # type: ignore[arg-type]


def with_price(whole: Content, supply_price_fen: int) -> Content:
    sku = msgspec.structs.replace(whole.skus[0], supply_price_fen=supply_price_fen)
    return msgspec.structs.replace(whole, skus=(sku, *whole.skus[1:]))


# --- what needs a reviewer --------------------------------------------------------------------------


def test_a_suppliers_new_product_waits_as_a_draft_that_nobody_sees() -> None:
    shop = make_distributor()

    revision = propose(make_supplier(trusted=False))

    product = revision.product
    assert revision.state == RevisionState.OPEN
    assert (product.state, product.item_no, product.name) == ("draft", "TEA", "龙井茶")
    assert not product.skus.exists()
    assert not offers.offered_to(shop).exists()


def test_approval_lists_a_new_product_with_its_skus_and_opening_stock() -> None:
    shop = make_distributor()
    revision = propose(
        make_supplier(trusted=False), make_content(skus=(sku_content(opening_stock=7),))
    )

    approved = approve(revision)

    sku = Sku.objects.get()
    assert approved.state == RevisionState.APPLIED
    assert (approved.decided_by, approved.applied_at) == ("person:wang@platform.test", NOON)
    assert approved.product.state == ProductState.LISTED
    assert (sku.sku_no, sku.supply_price_fen, sku.stock.available) == ("TEA-250", 50_00, 7)
    assert list(offers.offered_to(shop)) == [approved.product]


@pytest.mark.parametrize("is_platform", [True, False])
def test_goods_of_the_platform_and_of_trusted_suppliers_go_live_by_themselves(
    is_platform: bool,
) -> None:
    revision = propose(None if is_platform else make_supplier(trusted=True))

    assert revision.state == RevisionState.APPLIED
    assert revision.decided_by == "timer:auto-approval"
    assert revision.product.state == ProductState.LISTED


def test_a_price_cut_up_to_the_policys_percent_needs_no_review() -> None:
    supplier = make_supplier(trusted=False)
    first = approve(propose(supplier))

    cut = change(first, supplier, with_price(make_content(), 40_00))

    assert cut.state == RevisionState.APPLIED
    assert Sku.objects.get().supply_price_fen == 40_00


@pytest.mark.parametrize(
    ("_case", "supply_price_fen", "name"),
    [
        ("a deeper cut", 39_99, "龙井茶"),
        ("a rise", 50_01, "龙井茶"),
        ("a cut that comes with another change", 45_00, "西湖龙井"),
    ],
)
def test_other_changes_of_a_supplier_wait_for_review(
    _case: str, supply_price_fen: int, name: str
) -> None:
    supplier = make_supplier(trusted=False)
    first = approve(propose(supplier))

    waiting = change(first, supplier, with_price(make_content(name=name), supply_price_fen))

    assert waiting.state == RevisionState.OPEN
    assert Sku.objects.get().supply_price_fen == 50_00
    assert Product.objects.get().name == "龙井茶"


def test_the_percent_of_an_unreviewed_cut_is_a_policy() -> None:
    supplier = make_supplier(trusted=False)
    first = approve(propose(supplier))
    policies.decide(name="price_cut_without_review_percent", value=0, actor=OPERATIONS, at=NOON)

    waiting = change(first, supplier, with_price(make_content(), 49_99))

    assert waiting.state == RevisionState.OPEN


# --- numbers ----------------------------------------------------------------------------------------


def test_numbers_are_the_owners_where_they_are_free_and_name_the_owner_where_not() -> None:
    supplier = make_supplier(trusted=True)
    propose(None)

    taken = propose(supplier)

    assert taken.product.item_no == f"{supplier.number}-TEA"
    assert taken.product.owner_no == "TEA"
    assert taken.product.skus.get().sku_no == f"{supplier.number}-TEA-250"


def test_an_owner_cannot_use_a_number_for_two_products() -> None:
    supplier = make_supplier(trusted=True)
    propose(supplier)

    with pytest.raises(reviewing.OwnerNoTaken):
        propose(supplier, make_content(skus=(sku_content("OTHER"),)))

    assert Revision.objects.count() == Product.objects.count() == 1


def test_an_owner_cannot_use_a_sku_number_in_two_products() -> None:
    supplier = make_supplier(trusted=True)
    propose(supplier)

    with pytest.raises(proposing.SkuNoTaken) as refusal:
        propose(supplier, owner_no="TEA-2")

    assert refusal.value.pointer == "/skus/0/owner_no"
    assert Product.objects.count() == 1


@pytest.mark.parametrize("owner_no", ["", " TEA", "=1+1", "A/B", "A?B", "茶" * 49, "a\nb"])
def test_a_number_that_would_harm_a_url_or_a_spreadsheet_is_refused(owner_no: str) -> None:
    with pytest.raises(checking.NumberInvalid):
        propose(None, owner_no=owner_no)

    assert not Product.objects.exists()


# --- one undecided revision -------------------------------------------------------------------------


def test_a_second_proposal_takes_the_place_of_the_open_one() -> None:
    supplier = make_supplier(trusted=False)
    first = propose(supplier)

    second = change(first, supplier, make_content(name="西湖龙井"))

    assert second.pk == first.pk
    assert second.proposed["name"] == "西湖龙井"
    assert second.product.name == "西湖龙井"


def test_what_was_sent_back_is_open_again_when_it_was_changed() -> None:
    supplier = make_supplier(trusted=False)
    first = propose(supplier)
    reviewing.ask_for_change(revision_pk=first.pk, note="主图不清晰", actor=WANG, at=NOON)

    again = change(first, supplier, make_content(name="西湖龙井"))

    assert (again.pk, again.state, again.note) == (first.pk, RevisionState.OPEN, "主图不清晰")


def test_proposing_the_same_again_is_refused() -> None:
    supplier = make_supplier(trusted=False)
    first = propose(supplier)

    with pytest.raises(proposing.NothingChanged):
        change(first, supplier, make_content())
    approve(first)
    with pytest.raises(proposing.NothingChanged):
        change(first, supplier, make_content())

    assert Revision.objects.count() == 1


def test_a_supplier_reaches_its_own_products_and_revisions_only() -> None:
    mine, other = make_supplier(trusted=False), make_supplier(trusted=False)
    revision = propose(mine)

    with pytest.raises(NotFound):
        change(revision, other, make_content(name="山寨茶"))
    with pytest.raises(NotFound):
        change(revision, None, make_content(name="山寨茶"))
    with pytest.raises(NotFound):
        reviewing.withdraw(revision_pk=revision.pk, supplier=other, actor=LI, at=NOON)

    revision.refresh_from_db()
    assert (revision.state, revision.proposed["name"]) == (RevisionState.OPEN, "龙井茶")


def test_a_supplier_whose_relation_has_ended_proposes_nothing() -> None:
    supplier = make_supplier(trusted=True)
    onboarding.change_state(supplier_pk=supplier.pk, to="closed", reason="", at=NOON)

    with pytest.raises(WrongState):
        propose(supplier)

    assert not Product.objects.exists()


# --- deciding ---------------------------------------------------------------------------------------


def test_a_decided_revision_is_not_decided_again() -> None:
    supplier = make_supplier(trusted=False)
    revision = propose(supplier)
    reviewing.reject(revision_pk=revision.pk, note="无授权书", actor=WANG, at=NOON)

    with pytest.raises(WrongState) as refusal:
        approve(revision)
    with pytest.raises(WrongState):
        reviewing.withdraw(revision_pk=revision.pk, supplier=supplier, actor=LI, at=NOON)

    revision.refresh_from_db()
    assert refusal.value.code == "state_conflict"
    assert (revision.state, revision.note) == (RevisionState.REJECTED, "无授权书")
    assert not Sku.objects.exists()


@pytest.mark.parametrize("act", [reviewing.ask_for_change, reviewing.reject])
@pytest.mark.parametrize("note", ["", "  ", "长" * 501])
def test_a_supplier_is_told_why(act: Callable[..., Revision], note: str) -> None:
    revision = propose(make_supplier(trusted=False))

    with pytest.raises(reviewing.NoteInvalid):
        act(revision_pk=revision.pk, note=note, actor=WANG, at=NOON)

    revision.refresh_from_db()
    assert revision.state == RevisionState.OPEN


def test_after_a_rejection_the_product_can_be_proposed_anew() -> None:
    supplier = make_supplier(trusted=False)
    rejected = propose(supplier)
    reviewing.reject(revision_pk=rejected.pk, note="无授权书", actor=WANG, at=NOON)

    anew = change(rejected, supplier, make_content())

    assert (anew.state, anew.pk != rejected.pk) == (RevisionState.OPEN, True)


def test_a_withdrawn_proposal_changes_nothing() -> None:
    supplier = make_supplier(trusted=False)
    first = approve(propose(supplier))
    second = change(first, supplier, make_content(name="西湖龙井"))

    withdrawn = reviewing.withdraw(revision_pk=second.pk, supplier=supplier, actor=LI, at=NOON)

    assert withdrawn.state == RevisionState.WITHDRAWN
    assert Product.objects.get().name == "龙井茶"


@pytest.mark.django_db(transaction=True)
def test_of_two_staff_who_decide_at_once_one_wins_and_the_other_changes_nothing() -> None:
    revision = propose(make_supplier(trusted=False))
    ready = threading.Barrier(2)
    refusals: list[DomainError] = []

    def decide(actor: Actor, markup_fen: int) -> None:
        ready.wait()
        try:
            reviewing.approve(
                revision_pk=revision.pk,
                actor=actor,
                at=NOON,
                markups_fen={"TEA-250": markup_fen},
            )
        except DomainError as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=(person(f"{fen}@platform.test"), fen))
        for fen in (1_00, 2_00)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    revision.refresh_from_db()
    sku = Sku.objects.get()
    assert [refusal.code for refusal in refusals] == ["state_conflict"]
    assert revision.decided_by == f"person:{sku.markup_fen}@platform.test"
    assert Product.objects.get().version == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_who_propose_one_number_at_once_one_makes_the_product() -> None:
    supplier = make_supplier(trusted=True)
    whole = make_content()
    ready = threading.Barrier(4)
    refusals: list[DomainError] = []

    def submit() -> None:
        ready.wait()
        try:
            propose(supplier, whole)
        except DomainError as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [refusal.code for refusal in refusals] == ["owner_no_taken"] * 3
    assert Product.objects.count() == Revision.objects.count() == 1


# --- going live -------------------------------------------------------------------------------------


def test_staff_set_retail_price_and_markup_at_review_and_they_outlive_later_revisions() -> None:
    supplier = make_supplier(trusted=False)
    first = approve(
        propose(supplier), markups_fen={"TEA-250": 3_00}, retail_prices_fen={"TEA-250": 99_00}
    )

    live = content.of(first.product)
    assert live is not None
    approve(change(first, supplier, with_price(live, 60_00)))

    sku = Sku.objects.get()
    assert (sku.supply_price_fen, sku.markup_fen, sku.retail_price_fen) == (60_00, 3_00, 99_00)


@pytest.mark.parametrize(
    ("terms", "refused"),
    [
        ({"markups_fen": {"TEA-250": -1}}, checking.ValueOutOfRange),
        ({"retail_prices_fen": {"TEA-250": 0}}, checking.ValueOutOfRange),
        ({"markups_fen": {"OTHER": 1}}, reviewing.SkuUnknown),
    ],
)
def test_absurd_terms_are_refused_and_decide_nothing(
    terms: dict[str, dict[str, int]], refused: type[DomainError]
) -> None:
    revision = propose(make_supplier(trusted=False))

    with pytest.raises(refused):
        approve(revision, **terms)

    revision.refresh_from_db()
    assert (revision.state, revision.terms) == (RevisionState.OPEN, {})
    assert not Sku.objects.exists()


def test_skus_are_matched_by_the_owners_number() -> None:
    red, blue = sku_content("RED", spec={"颜色": "红"}), sku_content("BLUE", spec={"颜色": "蓝"})
    green = sku_content("GREEN", spec={"颜色": "绿"}, opening_stock=5)
    first = propose(None, make_content(skus=(red, blue)))
    stock.set_available(sku_pk=Sku.objects.get(owner_no="BLUE").pk, available=9, actor=LI, at=NOON)

    change(first, None, make_content(skus=(green, red)))

    rows = Sku.objects.order_by("pk").values_list("owner_no", "offered", "stock__available")
    assert list(rows) == [("RED", True, 0), ("BLUE", False, 9), ("GREEN", True, 5)]
    live = content.of(first.product)
    assert live is not None
    assert [sku.owner_no for sku in live.skus] == ["GREEN", "RED"]

    change(first, None, make_content(skus=(blue,)))

    blue_row = Sku.objects.get(owner_no="BLUE")
    assert (blue_row.offered, blue_row.stock.available) == (True, 9)


def test_only_skus_whose_price_moves_get_a_new_price_version() -> None:
    red, blue = sku_content("RED", spec={"颜色": "红"}), sku_content("BLUE", spec={"颜色": "蓝"})
    first = propose(None, make_content(skus=(red, blue)))
    before = dict(Sku.objects.values_list("owner_no", "price_version"))

    dearer = msgspec.structs.replace(blue, supply_price_fen=51_00)
    heavier = msgspec.structs.replace(red, weight_g=300)
    change(first, None, make_content(skus=(heavier, dearer)))

    after = dict(Sku.objects.values_list("owner_no", "price_version"))
    assert after["RED"] == before["RED"]
    assert after["BLUE"] > before["BLUE"]
    assert Product.objects.get().version == 3


def test_an_opening_stock_counts_once() -> None:
    whole = make_content(skus=(sku_content(opening_stock=5),))
    first = propose(None, whole)

    with pytest.raises(proposing.NothingChanged):
        change(first, None, whole)

    assert Movement.objects.count() == 1


def test_pictures_of_a_product_follow_its_content() -> None:
    supplier = make_supplier(trusted=True)
    front, back, side = (
        str(make_picture(supplier, colour).uid) for colour in ("red", "blue", "green")
    )
    first = propose(supplier, make_content(main_pictures=(front, back), detail_pictures=(side,)))
    change(first, supplier, make_content(main_pictures=(back, front, side)))

    live = content.of(first.product)

    assert live is not None
    assert (live.main_pictures, live.detail_pictures) == ((back, front, side), ())


# --- a rise that waits ------------------------------------------------------------------------------


def test_a_price_rise_may_wait_for_its_time() -> None:
    supplier = make_supplier(trusted=False)
    first = approve(propose(supplier))
    rise = change(first, supplier, with_price(make_content(), 60_00), effective_at=LATER)

    approved = approve(rise, markups_fen={"TEA-250": 5_00})
    assert reviewing.apply_due(at=LATER - timedelta(seconds=1)) == 0
    before = Sku.objects.values_list("supply_price_fen", "markup_fen").get()
    applied = reviewing.apply_due(at=LATER)

    assert approved.state == RevisionState.APPROVED
    assert before == (50_00, 0)
    assert applied == 1
    assert Sku.objects.values_list("supply_price_fen", "markup_fen").get() == (60_00, 5_00)
    assert reviewing.apply_due(at=LATER) == 0
    approved.refresh_from_db()
    assert (approved.state, approved.applied_at) == (RevisionState.APPLIED, LATER)


@pytest.mark.parametrize(
    ("_case", "supply_price_fen", "name", "wait"),
    [
        ("a cut", 45_00, "龙井茶", timedelta(days=3)),
        ("a rise with another change", 60_00, "西湖龙井", timedelta(days=3)),
        ("a time that is past", 60_00, "龙井茶", timedelta(0)),
        ("a time far away", 60_00, "龙井茶", timedelta(days=181)),
    ],
)
def test_nothing_but_a_rise_waits_and_not_for_ever(
    _case: str, supply_price_fen: int, name: str, wait: timedelta
) -> None:
    supplier = make_supplier(trusted=True)
    first = propose(supplier)

    with pytest.raises(proposing.EffectiveTimeRefused):
        change(
            first,
            supplier,
            with_price(make_content(name=name), supply_price_fen),
            effective_at=NOON + wait,
        )

    assert Revision.objects.count() == 1
    assert Sku.objects.get().supply_price_fen == 50_00


def test_while_a_rise_waits_nothing_else_is_proposed() -> None:
    supplier = make_supplier(trusted=True)
    first = propose(supplier)
    change(first, supplier, with_price(make_content(), 60_00), effective_at=LATER)

    with pytest.raises(proposing.RevisionUndecided):
        change(first, supplier, make_content(name="西湖龙井"))

    assert Product.objects.get().name == "龙井茶"
