"""Take one guard away at a time, and see that a race notices: `python -m tests.races.mutants`.

A race test that was never seen to fail is no evidence. Each guard is removed in a scratch copy of
the project, where the test that should notice is run. Prints the table of docs/reliability.md;
exits 1 when a test did not notice, and 2 when that could not be found out.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copy2

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 300
TESTS_FAILED = 1
# A race is a matter of luck: a guard counts as unwatched only after so many runs.
RUNS = 3


@dataclass(frozen=True)
class Edit:
    """A text that is replaced wherever it stands in a file; it must stand there."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """A guard, how to take it away, and the test that must notice."""

    guard: str
    test: str
    edits: tuple[Edit, ...]


PLACING, SHIPPING = "tests/races/test_placing.py::", "tests/races/test_shipping.py::"
MONEY = "tests/races/test_money.py::"
RECEIVING = "tests/races/test_receiving.py::"
HOLDS = "tests/races/test_holds.py::"
_UNLOCKED_DEPOSITS = Edit(
    "orders/writing.py",
    "ORDER BY account.id FOR NO KEY UPDATE OF account FOR SHARE OF distributor",
    "ORDER BY account.id",
)
_STOCK_LOCK = Edit(
    "supplychain/stock.py", 'f" ORDER BY {key} FOR NO KEY UPDATE"', 'f" ORDER BY {key}"'
)
_STOCK_VERSION = Edit("supplychain/stock.py", " AND level.version < new.version", "")
_UNLOCKED_LINES = Edit("orders/shipping.py", "rows.select_for_update(no_key=True)", "rows")
_RECEIPT = "orders/receiving.py"
_CORRECTING = "orders/correcting.py"
CASES, _CASEWORK = "tests/races/test_aftersales.py::", "aftersales/casework.py"
PUSHING, TELLING = (f"tests/supplychain/test_{act}.py::" for act in ("pushing", "telling"))
STATEMENTS = "tests/races/test_statements.py::"
_UNLOCKED_BANK = Edit(
    "books/bank_matching.py",
    '    bulk.query("SELECT pg_advisory_xact_lock(%s)", [_LOCK])',
    "    assert _LOCK",
)
SETTLEMENT, _SETTLING = "tests/races/test_settlement.py::", "suppliers/settlement.py"
_ANY_SUPPLIER = "Supplier.objects.filter(pk=supplier_pk)"
_UNLOCKED_BILL = (
    Edit(_SETTLING, "    Supplier.objects.filter(pk=owner).locked().get()\n", ""),
    Edit(_SETTLING, "bills.filter(bill_no=bill_no).locked()", "bills.filter(bill_no=bill_no)"),
)
RECHARGES, _TAKING_OUT = "tests/races/test_recharges.py::", "distributors/withdrawing.py"
_DECIDED = '    accounts.lock_deposits([owner])\n    return rows.select_related("distributor").locked().get()'
_UNLOCKED = '    return rows.select_related("distributor").get()'
CLAIMS, _GOODWILL = "tests/races/test_claims.py::", "aftersales/goodwill.py"
_UNLOCKED_CLAIM = Edit(
    "aftersales/claim_writing.py",
    "rows.filter(claim_no=claim_no).locked()",
    "rows.filter(claim_no=claim_no)",
)
_CLAIMED_ORDER = Edit(
    "aftersales/claiming.py", ".filter(pk=order_pk).locked()", ".filter(pk=order_pk)"
)
_UNLOCKED_WORK = (
    Edit(_CASEWORK, "        accounts.lock_deposits([distributor_pk])", "        pass"),
    Edit(_CASEWORK, ".locked()", ""),
    Edit(_CASEWORK, '.select_for_update(of=("self",), no_key=True)', ""),
    Edit(_CASEWORK, ".select_for_update(no_key=True)", ""),
)
CANCELLING = "tests/races/test_cancelling.py::"
TIMERS = "tests/races/test_timers.py::"
_OPEN = "    desk = striking.lock(order_pk) if with_money else Desk(order_pk)\n"

MUTANTS = (
    Mutant(
        "stock rows are locked before they are read",
        PLACING + "test_of_1000_orders_for_a_stock_of_100_exactly_100_are_placed",
        (_STOCK_LOCK,),
    ),
    Mutant(
        "stock rows are locked, and written only over an older version",
        PLACING + "test_of_1000_orders_for_a_stock_of_100_exactly_100_are_placed",
        (_STOCK_LOCK, _STOCK_VERSION),
    ),
    Mutant(
        "stock is written only over an older version",
        "tests/races/test_guards.py",
        (_STOCK_VERSION,),
    ),
    Mutant(
        "stock rows are locked in one order",
        PLACING + "test_batches_over_the_same_skus_in_any_order_of_lines_never_deadlock",
        (Edit("supplychain/stock.py", "ORDER BY {key} FOR", "ORDER BY random() FOR"),),
    ),
    Mutant(
        "what was decided on stock that was read is held against the locked rows",
        PLACING + "test_of_1000_orders_for_a_stock_of_100_exactly_100_are_placed",
        (Edit("orders/placing.py", "if not drawing.fits(", "if False and not drawing.fits("),),
    ),
    Mutant(
        "a count of stock is refused when somebody changed it since",
        PLACING + "test_stock_that_is_counted_while_orders_run_ends_as_its_movements_say",
        (Edit("supplychain/stock.py", "level.version != expected_version", "False"),),
    ),
    Mutant(
        "deposits are locked before they are read",
        PLACING + "test_a_deposit_for_60_orders_takes_exactly_60_of_200",
        (
            Edit(
                "orders/writing.py",
                "ORDER BY account.id FOR NO KEY UPDATE OF account FOR SHARE OF distributor",
                "ORDER BY account.id",
            ),
        ),
    ),
    Mutant(
        "deposits are locked in one order",
        PLACING + "test_batches_over_the_same_deposits_in_any_order_never_deadlock",
        (Edit("orders/writing.py", "ORDER BY account.id FOR", "ORDER BY random() FOR"),),
    ),
    Mutant(
        "a distributor's state is locked with its deposit",
        PLACING + "test_once_a_suspension_has_returned_nothing_more_is_placed",
        (Edit("orders/writing.py", " FOR SHARE OF distributor", ""),),
    ),
    Mutant(
        "former orders are looked up after the deposit is locked",
        PLACING + "test_one_order_sent_50_times_at_once_is_one_order_and_50_equal_answers",
        (
            Edit(
                "orders/placing.py",
                "    buyers = writing.lock_buyers(",
                "    before, held = _known_before(requests)\n    buyers = writing.lock_buyers(",
            ),
            Edit(
                "orders/placing.py",
                "    before, held = _known_before(requests)\n    if only_held:",
                "    if only_held:",
            ),
        ),
    ),
    Mutant(
        "active holds are looked up after the deposit is locked",
        HOLDS + "test_one_hold_that_is_placed_by_many_at_once_is_one_order",
        (
            Edit(
                "orders/placing.py",
                "    buyers = writing.lock_buyers(",
                "    before, held = _known_before(requests)\n    buyers = writing.lock_buyers(",
            ),
            Edit(
                "orders/placing.py",
                "    before, held = _known_before(requests)\n    if only_held:",
                "    if only_held:",
            ),
        ),
    ),
    Mutant(
        "deposits are locked by who lets holds lapse",
        HOLDS + "test_of_a_lapse_and_an_order_started_together_exactly_one_wins_each_time",
        (
            Edit(
                "orders/lapsing.py",
                "accounts.lock_deposits({distributor_pk for _, distributor_pk in due})",
                "pass",
            ),
        ),
    ),
    Mutant(
        "what was due is looked at again under the locks",
        HOLDS + "test_of_a_lapse_and_an_order_started_together_exactly_one_wins_each_time",
        (
            Edit(
                "orders/lapsing.py",
                "Hold.objects.filter(state=HoldState.ACTIVE, expires_at__lte=at)",
                "Hold.objects.all()",
            ),
        ),
    ),
    Mutant(
        "a hold whose time was prolonged meanwhile does not lapse",
        HOLDS + "test_an_extension_and_a_lapse_at_once_agree_on_who_was_first",
        (
            Edit(
                "orders/lapsing.py",
                "state=HoldState.ACTIVE, expires_at__lte=at)",
                "state=HoldState.ACTIVE)",
            ),
        ),
    ),
    Mutant(
        "the deposit is locked by who releases a hold",
        HOLDS + "test_a_hold_that_is_placed_and_released_at_once_ends_once",
        (Edit("orders/holding.py", "    accounts.lock_deposits([distributor.pk])\n", ""),),
    ),
    Mutant(
        "deposits are locked before a hold reserves",
        HOLDS + "test_of_20_holds_on_a_deposit_for_7_exactly_7_are_made",
        (_UNLOCKED_DEPOSITS,),
    ),
    Mutant(
        "holds are counted after the deposit is locked",
        HOLDS + "test_no_more_holds_are_open_than_allowed_however_many_ask",
        (_UNLOCKED_DEPOSITS,),
    ),
    Mutant(
        "a hold draws on locked stock",
        HOLDS + "test_the_last_piece_goes_to_a_hold_or_to_an_order",
        (
            Edit(
                "orders/holding.py",
                "drawing.draw(promise.priced, drawing.held(locked, offers))",
                "drawing.draw(promise.priced, drawing.seen(offers))",
            ),
        ),
    ),
    Mutant(
        "holds are locked by who places them",
        HOLDS + "test_an_extension_and_an_order_at_once_are_told_one_after_the_other",
        (
            Edit(
                "orders/redeeming.py",
                "state=HoldState.ACTIVE).locked())",
                "state=HoldState.ACTIVE))",
            ),
        ),
    ),
    Mutant(
        "an order that waited is placed only while it is on hold",
        HOLDS + "test_orders_that_wait_are_placed_once_by_timers_requests_and_releases",
        (Edit("orders/placing.py", "    if only_held:", "    if False:"),),
    ),
    Mutant(
        "an order, its parts and its lines are locked by who ships",
        SHIPPING + "test_parcels_of_one_piece_that_leave_at_once_hold_no_more_than_was_ordered",
        (
            Edit(
                "orders/shipping.py",
                "list(Order.objects.filter(pk__in=order_pks).locked().values_list",
                "list(Order.objects.filter(pk__in=order_pks).values_list",
            ),
            Edit(
                "orders/shipping.py",
                'mine.order_by("pk").select_for_update(no_key=True)',
                'mine.order_by("pk")',
            ),
            _UNLOCKED_LINES,
        ),
    ),
    Mutant(
        "a tracking number taken at this moment is looked at again",
        SHIPPING + "test_one_tracking_number_for_many_orders_at_once_is_good_for_one",
        (Edit("orders/shipping.py", "MAX_TRIES = 3", "MAX_TRIES = 1"),),
    ),
    Mutant(
        "what is on its way is looked up after the orders of a sheet are locked",
        SHIPPING + "test_one_sheet_that_is_shipped_by_many_at_once_ships_every_parcel_once",
        (
            Edit(
                "orders/shipping_many.py",
                "(shipping.lock_parts if locks else",
                "(shipping.parts_of if locks else",
            ),
        ),
    ),
    Mutant(
        "an order and all of its parts are locked by who receives",
        SHIPPING + "test_pieces_that_are_received_one_by_one_at_once_are_earned_one_by_one",
        (
            Edit(_RECEIPT, ".filter(pk=order_pk).locked()", ".filter(pk=order_pk)"),
            Edit(_RECEIPT, ".select_for_update(no_key=True)", ""),
        ),
    ),
    Mutant(
        "the timer of receipt locks the orders that it takes",
        SHIPPING + "test_a_receipt_that_is_confirmed_by_many_and_by_the_timer_at_once_earns_once",
        (
            Edit(_RECEIPT, '" ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"', '" ORDER BY id"'),
            Edit(_RECEIPT, ".select_for_update(no_key=True)", ""),
        ),
    ),
    Mutant(
        "an order, its parts and its lines are locked by who cancels",
        CANCELLING + "test_of_shipping_and_cancelling_500_times_at_once_exactly_one_wins_each_time",
        (
            Edit("orders/striking.py", "orders.locked().get()", "orders.get()"),
            Edit("orders/striking.py", ".select_for_update(no_key=True)", ""),
        ),
    ),
    Mutant(
        "the number of a cancellation is looked up under the lock of the deposit",
        CANCELLING + "test_a_request_sent_50_times_at_once_under_one_number_is_made_once",
        (Edit("orders/striking.py", "    accounts.lock_deposits([distributor_pk])\n", ""),),
    ),
    Mutant(
        "a cancellation that was asked for under a number is looked for before it is made",
        CANCELLING + "test_a_request_sent_50_times_at_once_under_one_number_is_made_once",
        (
            Edit(
                "orders/asking_again.py",
                "if not out_cancellation_no:\n        return []",
                "if 1:\n        return []",
            ),
            Edit(
                "orders/asking_again.py",
                "if not out_cancellation_no:\n        return None",
                "if 1:\n        return None",
            ),
        ),
    ),
    Mutant(
        "a cancellation is read after its order is locked by who answers it",
        CANCELLING + "test_a_cancellation_that_two_of_staff_answer_at_once_has_one_answer",
        (
            Edit("orders/cancelling.py", _OPEN, "    found = rows.get()\n" + _OPEN),
            Edit("orders/cancelling.py", "desk.slip(rows.locked().get())", "desk.slip(found)"),
        ),
    ),
    Mutant(
        "a request that is due is looked at again once it is locked",
        CANCELLING + "test_timers_of_several_workers_at_once_grant_everything_once",
        (
            Edit(
                "orders/cancelling.py",
                "if slip.cancellation.state != CancellationState.REQUESTED:",
                "if False:",
            ),
        ),
    ),
    Mutant(
        "an order, its part and its parcel are locked by who voids a parcel",
        RECEIVING + "test_a_parcel_is_either_received_or_voided_never_both",
        (
            Edit(_CORRECTING, ".filter(pk=order_pk).locked()", ".filter(pk=order_pk)"),
            Edit(_CORRECTING, ".select_for_update(no_key=True)", ""),
        ),
    ),
    Mutant(
        "the orders of scanned parcels are locked, and the parcels looked up again",
        RECEIVING + "test_scans_that_are_pushed_by_many_in_any_order_are_kept_and_told_once",
        (
            Edit(
                "orders/tracking.py", "list(orders.locked().values_list", "list(orders.values_list"
            ),
            Edit("orders/tracking.py", '.select_for_update(of=("self",), no_key=True)', ""),
        ),
    ),
    Mutant(
        "a number to which another parcel is corrected at this moment is looked at again",
        RECEIVING + "test_one_number_that_two_parcels_are_corrected_to_at_once_is_good_for_one",
        (Edit("orders/shipping.py", "MAX_TRIES = 3", "MAX_TRIES = 1"),),
    ),
    Mutant(
        "the timer of completion locks the orders that it takes",
        RECEIVING + "test_two_beats_and_their_workers_complete_each_order_once",
        (
            Edit(
                "orders/completing.py",
                '" ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"',
                '" ORDER BY id"',
            ),
        ),
    ),
    Mutant(
        "an order whose case opens at this moment is looked at again under its lock",
        RECEIVING + "test_no_order_is_received_by_itself_whose_case_opens_at_that_moment",
        (
            Edit(_RECEIPT, "DUE_AT_ONCE = 200", "DUE_AT_ONCE = 3"),
            Edit(_RECEIPT, "WHERE open_cases = 0 AND id IN", "WHERE id IN"),
            Edit(_RECEIPT, " and not order.open_cases", ""),
            Edit(_RECEIPT, "SKIP LOCKED", ""),
        ),
    ),
    Mutant(
        "orders with late parts are locked before their parts are read",
        CANCELLING + "test_timers_of_several_workers_at_once_tell_of_every_late_part_once",
        (
            Edit(
                "orders/lateness.py",
                "orders.select_for_update(no_key=True, skip_locked=True)",
                "orders",
            ),
            Edit("orders/lateness.py", '.select_for_update(of=("self",), no_key=True)', ""),
        ),
    ),
    Mutant(
        "timers look again, under the lock, at what another worker may have done",
        TIMERS + "test_every_timer_fires_once_in_many_workers_and_again_after_an_hour_without_any",
        (
            Edit(
                "orders/cancelling.py",
                "if slip.cancellation.state != CancellationState.REQUESTED:",
                "if False:",
            ),
        ),
    ),
    Mutant(
        "an order and its lines are locked by who changes its address",
        CANCELLING + "test_no_address_is_changed_once_a_parcel_has_left",
        (
            Edit("orders/addressing.py", ".filter(pk=order_pk).locked()", ".filter(pk=order_pk)"),
            Edit("orders/addressing.py", '.select_for_update(of=("self",), no_key=True)', ""),
        ),
    ),
    Mutant(
        "a partner is locked while its events are numbered",
        "tests/integration/test_outbox.py::"
        "test_a_partner_whose_events_are_being_numbered_is_left_to_whoever_does_it",
        (Edit("integration/outbox.py", " FOR NO KEY UPDATE SKIP LOCKED", ""),),
    ),
    Mutant(
        "a movement below what was read is looked for until it cannot come any more",
        PUSHING + "test_a_movement_that_is_committed_late_is_told_although_later_ones_were",
        (Edit("integration/following.py", "    if missing:\n", "    if missing and not fresh:\n"),),
    ),
    Mutant(
        "one pusher at a time follows the movements",
        PUSHING + "test_many_pushers_at_once_tell_everything_once",
        (
            Edit(
                "integration/following.py",
                "Position.objects.select_for_update(no_key=True, skip_locked=True)",
                "Position.objects.all()",
            ),
        ),
    ),
    Mutant(
        "a product that changes again is not told of until that is committed",
        TELLING + "test_a_change_that_is_under_way_while_others_are_told_is_told_afterwards",
        (Edit("supplychain/noting.py", "DO UPDATE SET noted_at = note.noted_at", "DO NOTHING"),),
    ),
    Mutant(
        "a transfer that another process posts at this moment is a refusal, not an error",
        MONEY + "test_a_payment_that_is_credited_to_several_at_once_goes_to_one",
        (
            Edit(
                "ledger/posting.py", "except IntegrityError as error:", "except KeyError as error:"
            ),
        ),
    ),
    Mutant(
        "distributors are numbered one after the other",
        MONEY + "test_distributors_that_are_opened_at_once_all_get_a_number_and_a_deposit",
        (
            Edit(
                "distributors/onboarding.py",
                "SELECT pg_advisory_xact_lock(hashtext('distributors.number'))",
                "SELECT 1",
            ),
        ),
    ),
    Mutant(
        "an order with its lines and cases is locked by who decides a case",
        CASES + "test_of_many_who_decide_one_case_at_once_one_decides",
        _UNLOCKED_WORK,
    ),
    Mutant(
        "an order is locked by who applies for an after-sale",
        CASES + "test_of_20_refunds_of_60_percent_of_one_line_one_is_made",
        (
            Edit("aftersales/applying.py", "    accounts.lock_deposits([distributor.pk])\n", ""),
            Edit("aftersales/applying.py", ".filter(pk=order_pk).locked()", ".filter(pk=order_pk)"),
            *_UNLOCKED_WORK[2:],
        ),
    ),
    Mutant(
        "the number of a case is looked up under the lock of the deposit",
        "tests/api/test_aftersales.py::test_equal_applications_at_once_are_one_case",
        (
            Edit("aftersales/applying.py", "    accounts.lock_deposits([distributor.pk])\n", ""),
            Edit("aftersales/applying.py", ".filter(pk=order_pk).locked()", ".filter(pk=order_pk)"),
        ),
    ),
    Mutant(
        "what compensation gave before is counted when the next is asked for",
        CASES + "test_of_20_compensations_of_60_percent_no_more_comes_back_than_was_paid",
        (Edit("aftersales/room.py", "- self.kept_fen", "- 0 * self.kept_fen"),),
    ),
    Mutant(
        "an order is locked by who refunds a case of it",
        CASES
        + "test_pieces_that_are_received_and_refunded_at_once_are_earned_and_given_back_exactly",
        _UNLOCKED_WORK,
    ),
    Mutant(
        "the timer of cases looks again once it has the case locked",
        CASES + "test_two_beats_and_four_workers_end_every_wait_once",
        (Edit("aftersales/timing.py", "if not _is_due(work):", "if False:"),),
    ),
    Mutant(
        "a case is locked before the timer looks whether it is still due",
        CASES + "test_a_case_that_is_withdrawn_as_its_time_runs_out_ends_once",
        _UNLOCKED_WORK,
    ),
    Mutant(
        "an order is locked before cases are opened for its parcels",
        CASES + "test_a_lost_parcel_that_many_workers_find_is_refunded_once",
        (
            Edit("aftersales/parcels.py", "    accounts.lock_deposits([distributor_pk])\n", ""),
            Edit("aftersales/parcels.py", '.select_related("distributor").locked()', ""),
            *_UNLOCKED_WORK[2:],
        ),
    ),
    Mutant(
        "a claim is locked by who accepts or declines goodwill",
        CLAIMS + "test_of_an_acceptance_and_a_declining_at_once_exactly_one_is_made",
        (_UNLOCKED_CLAIM,),
    ),
    Mutant(
        "a claim is locked by who ships goodwill",
        CLAIMS + "test_new_goods_are_shipped_in_one_parcel",
        (_UNLOCKED_CLAIM,),
    ),
    Mutant(
        "deposit, order and line are locked by who accepts goodwill",
        CLAIMS + "test_of_many_acceptances_of_60_percent_of_one_piece_one_is_paid",
        (
            Edit(_GOODWILL, "    accounts.lock_deposits([distributor.pk])\n", ""),
            Edit(_GOODWILL, "pk=found.order_id).locked()", "pk=found.order_id)"),
            Edit(
                _GOODWILL,
                'Line.objects.select_for_update(of=("self",), no_key=True)',
                "Line.objects",
            ),
        ),
    ),
    Mutant(
        "an order is locked by who opens a claim",
        CLAIMS + "test_of_many_claims_for_the_last_piece_at_once_one_is_opened",
        (_CLAIMED_ORDER,),
    ),
    Mutant(
        "a claim that was sent before is looked up under the lock of its order",
        CLAIMS + "test_the_same_claim_sent_many_times_at_once_is_one_claim",
        (_CLAIMED_ORDER,),
    ),
    Mutant(
        "the number of a claim is looked up under the lock of the deposit",
        CLAIMS + "test_claims_sent_at_once_under_one_number_are_one_claim",
        (
            Edit(
                "aftersales/claiming.py",
                "        accounts.lock_deposits([distributor.pk])",
                "        pass",
            ),
        ),
    ),
    Mutant(
        "the timer of goodwill locks what it declines, and leaves what another has",
        CLAIMS + "test_what_waited_too_long_is_declined_once_by_many_workers",
        (
            Edit(
                _GOODWILL,
                'rows.select_for_update(of=("self",), no_key=True, skip_locked=True)',
                "rows",
            ),
        ),
    ),
    Mutant(
        "a distributor's days are closed by one after the other",
        f"{STATEMENTS}test_six_workers_close_every_day_once_while_money_moves",
        (
            Edit(
                "books/statements.py",
                '    bulk.query("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, distributor_pk])\n',
                "",
            ),
        ),
    ),
    Mutant(
        "a file of the bank is loaded by one after the other",
        f"{STATEMENTS}test_a_file_of_the_bank_that_many_load_at_once_is_loaded_once",
        (_UNLOCKED_BANK,),
    ),
    Mutant(
        "lines of the bank are matched or settled, one after the other",
        f"{STATEMENTS}test_a_line_settled_as_the_rules_run_keeps_what_somebody_said",
        (_UNLOCKED_BANK,),
    ),
    Mutant(
        "a supplier is locked by who issues its bills",
        f"{SETTLEMENT}test_six_workers_issue_one_bill_for_each_period_and_every_line_once",
        (Edit(_SETTLING, "Supplier.objects.filter(pk=supplier_pk).locked()", _ANY_SUPPLIER),),
    ),
    Mutant(
        "who lists goods holds their suppliers' holidays",
        "tests/supplychain/test_holidays.py::test_a_holiday_that_begins_waits_for_goods_that_are_being_listed",
        (Edit("supplychain/pausing.py", "ORDER BY id FOR SHARE", "ORDER BY id"),),
    ),
    Mutant(
        "a bill is locked by who agrees to it or voids it",
        f"{SETTLEMENT}test_a_bill_is_agreed_to_or_voided_and_never_both",
        _UNLOCKED_BILL,
    ),
    Mutant(
        "a bill is locked by who pays it",
        f"{SETTLEMENT}test_a_bill_is_paid_once_whoever_records_it",
        _UNLOCKED_BILL,
    ),
    Mutant(
        "a supplier is locked by who pays its security back",
        f"{SETTLEMENT}test_security_is_paid_back_once_down_to_nothing",
        (
            Edit(
                "suppliers/securing.py",
                "Supplier.objects.filter(pk=supplier_pk).locked()",
                _ANY_SUPPLIER,
            ),
        ),
    ),
    Mutant(
        "deposit and recharge are locked by who decides about it",
        f"{RECHARGES}test_a_recharge_that_two_people_approve_twenty_times_is_credited_once",
        (Edit("distributors/deciding_recharges.py", _DECIDED, _UNLOCKED),),
    ),
    Mutant(
        "a recharge is locked by who takes it back",
        f"{RECHARGES}test_a_recharge_is_approved_rejected_or_taken_back_and_only_one_of_them",
        (
            Edit(
                "distributors/applying_for_recharges.py",
                "    accounts.lock_deposits([distributor.pk])\n    rows",
                "    rows",
            ),
            Edit("distributors/applying_for_recharges.py", "rows.locked().first()", "rows.first()"),
        ),
    ),
    Mutant(
        "applications of a distributor come one after the other",
        f"{RECHARGES}test_the_same_application_by_many_at_once_is_one",
        (
            Edit(
                "distributors/applying_for_recharges.py",
                "    accounts.lock_deposits([asked.distributor_id])\n",
                "",
            ),
        ),
    ),
    Mutant(
        "deposit and withdrawal are locked by who pays or rejects it",
        f"{RECHARGES}test_a_withdrawal_is_paid_or_rejected_once_by_however_many",
        (Edit("distributors/deciding_withdrawals.py", _DECIDED, _UNLOCKED),),
    ),
    Mutant(
        "deposit and withdrawal are locked by who cancels it",
        f"{RECHARGES}test_a_withdrawal_is_cancelled_or_approved_and_frees_what_it_held_once",
        (
            Edit(_TAKING_OUT, "    accounts.lock_deposits([distributor.pk])\n    rows", "    rows"),
            Edit(_TAKING_OUT, "rows.locked().first()", "rows.first()"),
        ),
    ),
    Mutant(
        "the deposit is locked by who applies for a withdrawal",
        f"{RECHARGES}test_withdrawals_and_orders_at_once_never_take_more_than_there_is",
        (
            Edit(
                _TAKING_OUT,
                "accounts.lock_deposits([distributor.pk])[distributor.pk]",
                "accounts.deposit_of(distributor.pk)",
            ),
        ),
    ),
    Mutant(
        "the database takes a bank reference for one recharge",
        f"{RECHARGES}test_a_payment_that_is_approved_and_recharged_directly_at_once_is_credited_once",
        (
            Edit(
                "ledger/models.py",
                'fields=["code", "reference"], name="transfer_once_per_fact"',
                'fields=["code", "reference", "credit"], name="transfer_once_per_fact"',
            ),
            Edit(
                "ledger/migrations/0001_initial.py",
                "fields=('code', 'reference'), name='transfer_once_per_fact'",
                "fields=('code', 'reference', 'credit'), name='transfer_once_per_fact'",
            ),
        ),
    ),
    Mutant(
        "an endpoint is claimed by one dispatcher at a time",
        "tests/integration/test_delivering.py::test_two_dispatchers_at_once_tell_everything_once",
        (
            Edit(
                "integration/delivering.py",
                "(endpoint.claimed_until IS NULL OR endpoint.claimed_until < %(at)s)",
                "true",
            ),
        ),
    ),
)


class CannotRun(Exception):
    """A guard is no longer where it was, or its test does not start: nothing has been shown."""


def main(names: Sequence[str]) -> int:
    """Run the mutants whose guard contains one of the names, or all of them."""
    chosen = [m for m in MUTANTS if not names or any(name in m.guard for name in names)]
    say("| guard taken away | noticed by | verdict | how it showed |")
    say("| --- | --- | --- | --- |")
    unnoticed = 0
    for mutant in chosen:
        shown = judge(mutant)
        unnoticed += not shown
        verdict = "killed" if shown else f"**survived {RUNS} runs**"
        say(f"| {mutant.guard} | `{mutant.test.partition('::')[2] or mutant.test}` "
            f"| {verdict} | {shown} |")  # fmt: skip
    say(f"\n{len(chosen) - unnoticed} of {len(chosen)} guards were noticed to be gone.")
    return 1 if unnoticed else 0


def judge(mutant: Mutant) -> str:
    """Return how a test noticed that the guard was gone, or an empty text."""
    with tempfile.TemporaryDirectory(prefix="huopan-mutant-") as folder:
        scratch = Path(folder)
        copy_project(scratch)
        for edit in mutant.edits:
            apply(edit, scratch)
        for _ in range(RUNS):
            shown = run(mutant.test, scratch)
            if shown:
                return shown
    return ""


def copy_project(scratch: Path) -> None:
    """Copy the working tree as it is now, without what git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = ROOT / name, scratch / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            copy2(source, target)


def apply(edit: Edit, scratch: Path) -> None:
    """Take the guard away."""
    path = scratch / edit.file
    text = path.read_text()
    if edit.old not in text:
        raise CannotRun(f"{edit.file} has no {edit.old!r} any more")
    path.write_text(text.replace(edit.old, edit.new))


def run(test: str, scratch: Path) -> str:
    """Return what the test complained of, or an empty text when it passed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    try:
        done = subprocess.run(
            command, cwd=scratch, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"no end within {PATIENCE_SECONDS} s"
    if done.returncode == 0:
        return ""
    if done.returncode != TESTS_FAILED:
        raise CannotRun(f"{test} did not run:\n{done.stdout}{done.stderr}")
    complaints = [line[1:].strip() for line in done.stdout.splitlines() if line.startswith("E  ")]
    return next(filter(None, complaints), "failed")[:120].replace("|", "/")


def say(line: str) -> None:
    """Print at once: the whole list takes minutes."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as reason:
        say(str(reason))
        sys.exit(2)
