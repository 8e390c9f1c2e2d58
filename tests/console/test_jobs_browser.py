"""Orders, money, companies and the console itself in a real browser, in both languages.

A picture of each page is kept. One seed and one window serve both languages: what an act uses up is
made anew for the second.
"""

from datetime import timedelta
from pathlib import Path

import pytest
import python_calamine
from django.utils import timezone
from playwright.sync_api import expect

from companies import policies
from companies.models import Person, PolicyChange, Visit
from console.models import Attention
from distributors.models import Level, Recharge
from kit.actors import OPERATIONS
from ledger import accounts
from orders import placing
from orders.models import Order, Shipment
from suppliers import answering_bills
from suppliers.models import Bill, Supplier
from tests.console.desks import DESKTOP, SEND, TELEPHONE, Desk
from tests.factories import (
    earn,
    make_distributor,
    make_level,
    make_recharge,
    make_request,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.browser
PASSWORD = "mountain-tea-2026"
BANK = "date,reference,amount,counterparty,text\n2026-11-22,{0}-1,500.00,某店,\n2026-11-22,{0}-2,9.00,,\n"


# --- orders -----------------------------------------------------------------------------------------


def test_orders_are_found_printed_shipped_and_what_is_late_is_taken(
    desk: Desk, tmp_path: Path
) -> None:
    shop, tea = make_distributor(deposit_fen=10_000_00), make_sku()
    long_ago = timezone.now() - timedelta(days=6)
    for place, language in enumerate(desk.in_each_language()):
        placing.place_many([make_request(shop, {tea: 2}) for _ in range(3)], at=long_ago)
        late, other, third = Order.objects.order_by("-pk")[:3][::-1]
        sheet = tmp_path / f"{language}.csv"
        sheet.write_text(f"订单号,运单号\n{other.order_no},SF123456789012{place}\n")

        desk.open("own-shipping/")
        desk.page.get_by_label(other.order_no).check()
        desk.send("button[name=sheet][value=slips]")
        desk.keep("slips")
        desk.page.evaluate("window.print = () => { document.title = 'printed'; }")
        desk.page.locator("[data-print]").click()
        printed = desk.page.title()
        desk.page.keyboard.press("/")
        desk.page.keyboard.type(third.out_order_no)
        with desk.page.expect_navigation():
            desk.page.keyboard.press("Enter")
        desk.keep("order")
        desk.follow(f"fulfilments/{third.fulfilments.get().pk}/ship/")
        desk.fill(tracking_no=f"jt123456789012{place}")
        guessed = desk.page.locator("[name=carrier_code]").input_value()
        desk.keep("order-shipped")
        desk.send()
        desk.open("own-shipping/upload/")
        desk.page.set_input_files("input[type=file]", sheet)
        desk.send()
        desk.keep("shipping")
        desk.send("form[action$='/shipping/'] button")
        expect(desk.page.locator(".hp-count b").first).to_have_text("1")
        desk.open("exceptions/?kind=late_own")
        part = late.fulfilments.get().pk
        desk.send(f"form[action$='/{part}/taking/'] button")
        expect(desk.page.locator(f"form[action$='/{part}/taking/']")).to_have_count(0)
        desk.keep("exceptions")

        assert (guessed, printed) == ("JTSD", "printed")
        shipped = Shipment.objects.filter(fulfilment__order__in=[late, other, third])
        assert set(shipped.values_list("fulfilment__order", "carrier_code")) == {
            (other.pk, "SF"),
            (third.pk, "JTSD"),
        }
        assert Attention.objects.filter(subject_pk=part).exists()


# --- money ------------------------------------------------------------------------------------------


def test_deposits_are_recharged_by_one_or_two_and_the_bank_says_the_same(
    desk: Desk, tmp_path: Path
) -> None:
    for language in desk.in_each_language():
        shop = make_distributor(deposit_fen=0)
        recharge = make_recharge(shop, amount_fen=200_000_00, at=timezone.now())
        sheet = tmp_path / f"{language}.csv"
        sheet.write_text(BANK.format(language), encoding="utf-8")

        desk.open(f"distributors/{shop.pk}/recharge/")
        desk.fill(amount_fen="500.00", reference=f"{language}-1")
        desk.keep("recharge-direct")
        desk.send()
        desk.open(f"recharges/{recharge.pk}/check/")
        desk.fill(bank_reference=f"ICBC-{language}")
        desk.keep("recharge")
        desk.send()
        desk.sit_down()
        desk.open(f"recharges/{recharge.pk}/approval/")
        desk.fill(bank_reference=f"ICBC-{language}")
        desk.send()
        desk.open("bank/loading/")
        desk.page.set_input_files("input[name=file]", sheet)
        desk.send()
        expect(desk.page.get_by_role("link", name=f"{language}-2")).to_be_visible()
        expect(desk.page.get_by_role("link", name=f"{language}-1")).to_have_count(0)
        desk.keep("bank")
        desk.page.set_viewport_size(TELEPHONE)
        desk.open("trial-balance/")
        desk.keep("trial-balance")
        fits = desk.page.locator(".hp-table").evaluate(
            "(one) => one.scrollWidth <= one.clientWidth"
        )
        desk.page.set_viewport_size(DESKTOP)

        assert fits
        assert Recharge.objects.get(pk=recharge.pk).state == "approved"
        assert accounts.deposit_of(shop.pk).balance_fen == 200_500_00


def test_figures_are_read_and_a_large_bill_is_issued_and_paid_by_two(desk: Desk) -> None:
    now, tea = timezone.now(), make_sku()
    placing.place(make_request(make_distributor(deposit_fen=10_000_00), {tea: 2}), at=now)
    for language in desk.in_each_language():
        supplier = make_supplier()
        # A month that is over.
        earn(supplier, 20_000_00, at=now - timedelta(days=40))

        # Thirty days, so that midnight does not matter.
        desk.open("")
        expect(desk.page.locator("#figures svg .bar").first).to_be_attached()
        desk.keep("home")
        desk.page.evaluate("document.getElementById('figures').scrollIntoView()")
        desk.keep("figures")
        with desk.page.expect_download() as begun:
            desk.page.locator("a[href*='/figures/xlsx/']").click()
        assert python_calamine.load_workbook(begun.value.path()).sheet_names
        desk.open("settlement/")
        desk.keep("settlement")
        desk.follow(f"suppliers/{supplier.pk}/settlement/")
        desk.send()
        bill = Bill.objects.get(supplier=supplier)
        answering_bills.accept(
            supplier=supplier, bill_no=bill.bill_no, actor=OPERATIONS, at=timezone.now()
        )
        desk.open(f"bills/{bill.pk}/preparation/")
        desk.send()
        desk.sit_down()
        desk.open(f"bills/{bill.pk}/payment/")
        desk.fill(bank_reference=f"ICBC-{language}")
        desk.send()
        desk.keep("bill")

        bill.refresh_from_db()
        assert (bill.state, bill.bank_reference) == ("paid", f"ICBC-{language}")
        assert bill.prepared_by != bill.paid_by


# --- companies --------------------------------------------------------------------------------------


def test_companies_are_opened_rated_suspended_and_seen_as_they_see_themselves(desk: Desk) -> None:
    level = make_level(fee_rate_bp=500)
    shop = make_distributor(level=level)
    make_sku(supply_price_fen=100_00)
    for language in desk.in_each_language():
        email = f"chang-{language}@example.com"

        desk.open("suppliers/new/")
        desk.fill(name=f"山野茶厂 {language}", email=email)
        desk.send()
        handed_over = desk.page.locator(".hp-secret").all_inner_texts()
        desk.keep("hand-over")
        supplier = Supplier.objects.latest("pk")
        desk.open(f"suppliers/{supplier.pk}/state/")
        desk.page.locator("[name=to][value=suspended]").check()
        desk.fill(reason="资料不全")
        desk.keep("state")
        desk.send()
        desk.reads("It is {state} now.", state=desk.say("suspended"))
        desk.keep("supplier")
        desk.open(f"levels/{level.pk}/")
        desk.fill(fee_rate_bp="7")
        desk.send("button[name=preview]")
        expect(desk.page.locator("[role=status]").first).to_contain_text("+1.9")
        desk.keep("level")
        desk.open(f"companies/{shop.company_id}/visit/")
        desk.fill(reason="电话里帮忙")
        desk.send()
        expect(desk.page.locator("aside.visiting")).to_contain_text(shop.company.name)
        desk.keep("see-as")
        desk.send("aside form button")
        desk.keep("company")

        assert {supplier.number, email, f"山野茶厂 {language}"} <= set(handed_over)
        supplier.refresh_from_db()
        assert (supplier.state, supplier.state_reason) == ("suspended", "资料不全")
        assert Level.objects.get(pk=level.pk).fee_rate_bp == 500
        assert Visit.objects.latest("pk").ended_at

    # Kept as it will be asked for; once, because it takes its time.
    assert Person.objects.get(email=email).check_password(handed_over[-1])


# --- the console itself -----------------------------------------------------------------------------


def test_a_policy_is_decided_after_the_password_and_every_change_is_found(desk: Desk) -> None:
    for minutes, _language in enumerate(desk.in_each_language(), 25):
        desk.sit_down(password=PASSWORD)

        desk.open("policies/quote_minutes/")
        desk.keep("password-again")
        desk.fill(password=PASSWORD)
        desk.send("form:has(input[name=password]) button")
        desk.fill(value=str(minutes))
        decided = PolicyChange.objects.count()
        # The first button only says what it comes to.
        desk.send("button[name=preview]")
        expect(desk.page.locator("dd[role=status]")).to_contain_text(str(minutes))
        foreseen = PolicyChange.objects.count()
        desk.keep("policy")
        desk.send(f"{SEND}.main")
        desk.keep("policies")
        desk.open("audit/?table=companies_policychange")
        desk.keep("audit")
        desk.open("health/")
        desk.keep("health")

        assert foreseen == decided
        assert policies.read().quote_minutes == minutes

    policies.decide(name="staff_two_factor", value=True, actor=OPERATIONS, at=timezone.now())
    desk.sit_down()
    for _language in desk.in_each_language():
        desk.open("")
        expect(desk.page.locator("img.qr")).to_be_visible()
        desk.keep("two-factor")
