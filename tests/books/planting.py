"""What breaks the books: for every rule something that is planted behind the acts' backs."""

import pgtrigger
from django.db import connection

from books.facts import MEASURES
from books.verifying import Report

ORDER = "(SELECT id FROM orders_order WHERE out_order_no = '{}')"
A, B, C, D, G = (ORDER.format(number) for number in "ABCDG")
CLAIM = "(SELECT claim_no FROM aftersales_claim WHERE {} = '{}')"
ORDER_NO = "(SELECT order_no FROM orders_order WHERE out_order_no = '{}')"
SUPPLIER = "(SELECT id FROM suppliers_supplier)"
IDLE = "(SELECT max(id) FROM distributors_distributor)"
TRANSFER = (
    "INSERT INTO ledger_transfer (code, reference, debit_id, credit_id, amount_fen, posted_at,"
    " actor, supplier_pk, distributor_pk, reverses_id)"
)
RECHARGE = (
    "INSERT INTO distributors_recharge (recharge_no, distributor_id, amount_fen, payer,"
    " payment_reference, slip, slip_sha256, note, version, applied_by, reason, applied_at, state,"
    " bank_reference, checked_by, decided_by, decided_at)"
    " SELECT given.no, given.shop, given.fen, '', '', '', '', '', 1, '', '', now(), given.state,"
    " given.bank_reference, given.checked_by, given.decided_by, given.decided_at::timestamptz FROM ({}) AS"
    " given (no, shop, fen, state, bank_reference, checked_by, decided_by, decided_at)"
)


def rolled(measure: str, spans: str = "'day', 'month'") -> str:
    """A platform row of September, on which nothing moved, that says 5 of something."""
    names = ", ".join(MEASURES)
    values = ", ".join("5" if name == measure else "0" for name in MEASURES)
    return (
        f"INSERT INTO books_rollup (span, first_day, subject, subject_pk, {names})"
        f" SELECT span, CASE span WHEN 'day' THEN date '2026-09-10' ELSE '2026-09-01' END, 'platform',"
        f" 0, {values} FROM unnest(ARRAY[{spans}]) AS given (span);"
    )


def account(kind: str) -> str:
    return f"(SELECT min(id) FROM ledger_account WHERE kind = '{kind}')"


def drop(table: str, constraint: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {constraint};"


# What somebody with a database client, a bug or a bad restore could do; and the rules that break by
# it, the one it is there for first. Whatever changes a transfer breaks the chain, too: see test_planted.py.
PLANTED = [
    (
        "UPDATE ledger_transfer SET note = 'corrected' WHERE code = 'bill_paid'",
        ["ledger_chain_holds"],
    ),
    (
        (
            f"{TRANSFER} SELECT 'security_in', 'x', {account('bank')}, {account('security')}, 5,"
            f" '2026-11-22 02:00+00', 'somebody', {SUPPLIER}, NULL, NULL"
        ),
        ["no_transfer_waits_for_its_link"],
    ),
    ("ALTER TABLE ledger_transfer DISABLE TRIGGER USER", ["guarding_triggers_are_on"]),
    (drop("ledger_transfer", "transfer_once_per_fact"), ["constraints_are_in_force"]),
    (
        drop("ledger_transfer", "transfer_moves_a_positive_amount")
        + f"{TRANSFER} SELECT 'oddity', '1', {account('bank')}, {account('own_sales')}, 0, now(),"
        " 'somebody', NULL, NULL, NULL",
        [
            "transfers_move_a_positive_amount",
            "transfers_take_the_roads_there_are",
            "constraints_are_in_force",
        ],
    ),
    (
        (
            f"{TRANSFER} SELECT 'oddity', '1', {account('own_sales')}, {account('payable')}, 5, now(),"
            f" 'somebody', {SUPPLIER}, NULL, NULL"
        ),
        ["transfers_take_the_roads_there_are"],
    ),
    (
        (
            f"{TRANSFER} SELECT 'security', '1', {account('bank')}, {account('security')}, 5, now(),"
            f" 'somebody', {SUPPLIER}, NULL, NULL;"
            f"{TRANSFER} SELECT 'reversal', '1', {account('security')}, {account('bank')}, 4, now(),"
            f" 'somebody', {SUPPLIER}, NULL, max(id) FROM ledger_transfer"
        ),
        ["reversals_turn_round_what_they_name"],
    ),
    (
        rolled("refunds_fen") + "INSERT INTO books_rolledday (day, rolled_at) VALUES"
        " ('2026-09-10', now()); INSERT INTO books_rollmark (position, open_from_pk)"
        " VALUES (1000000000, 0)",
        ["rolled_up_days_are_the_ledger"],
    ),
    (rolled("sales_fen"), ["rolled_up_parts_come_to_the_whole"]),
    (rolled("parcels", "'day'"), ["rolled_up_months_are_their_days"]),
    (
        (
            "INSERT INTO books_flow (day, debit_kind, credit_kind, amount_fen, transfers)"
            " VALUES ('2026-09-10', 'bank', 'deposit', 5, 1)"
        ),
        ["flows_are_the_ledger"],
    ),
    (
        "UPDATE ledger_transfer SET supplier_pk = NULL WHERE code = 'freight_earned'",
        ["transfers_name_whose_money_it_is"],
    ),
    (
        (
            "WITH two AS (SELECT id, row_number() OVER (ORDER BY id) AS place FROM ledger_account"
            f" WHERE kind = 'deposit' AND holder <> {IDLE} ORDER BY id LIMIT 2)"
            " UPDATE ledger_account account SET balance_fen = balance_fen"
            " + CASE two.place WHEN 1 THEN 1 ELSE -1 END FROM two WHERE account.id = two.id"
        ),
        ["deposits_are_the_sum_of_their_transfers"],
    ),
    (
        drop("ledger_account", "account_reserves_are_not_negative")
        + f"UPDATE ledger_account SET credit_line_fen = -1 WHERE holder <> {IDLE}"
        " AND kind = 'deposit'",
        ["deposits_keep_their_floor", "constraints_are_in_force"],
    ),
    (
        f"DELETE FROM ledger_account WHERE kind = 'deposit' AND holder = {IDLE}",
        ["distributors_have_one_deposit"],
    ),
    (
        f"UPDATE ledger_account SET held_fen = 1 WHERE holder <> {IDLE} AND kind = 'deposit'",
        ["nothing_is_held_that_no_hold_reserves"],
    ),
    (
        (
            "UPDATE ledger_account SET balance_fen = balance_fen + 1"
            f" WHERE kind = 'deposit' AND holder = {IDLE}"
        ),
        ["money_that_came_in_is_somewhere", "deposits_are_the_sum_of_their_transfers"],
    ),
    (
        f"UPDATE orders_order SET open_fen = open_fen - 1 WHERE id = {B}",
        [
            "open_orders_are_what_the_ledger_holds_open",
            "open_amounts_are_what_the_ledger_says",
            "open_amounts_are_what_is_left_to_receive",
            "money_that_came_in_is_somewhere",
        ],
    ),
    (
        (
            "UPDATE ledger_transfer SET posted_at = '2026-11-02 00:00+08'"
            " WHERE code = 'bill_adjustment' AND amount_fen = 4000"
        ),
        ["bill_lines_are_what_was_owed"],
    ),
    (
        "UPDATE suppliers_billline SET live = false",
        ["transfers_are_on_one_bill_that_counts"],
    ),
    (
        (
            f"{TRANSFER} SELECT 'oddity', '1', {account('goodwill')}, {account('payable')}, 5,"
            f" '2026-10-05', 'somebody', {SUPPLIER}, NULL, NULL"
        ),
        ["bills_leave_nothing_out"],
    ),
    (
        "UPDATE suppliers_supplier SET open_from_pk = 1000000000",
        ["nothing_unbilled_lies_before_the_mark"],
    ),
    (
        (
            "INSERT INTO suppliers_unbilledcount (supplier_id, to_pk, transfers, fen)"
            " SELECT id, 1, 1, 5 FROM suppliers_supplier"
        ),
        ["what_is_counted_as_unbilled_is_on_no_bill"],
    ),
    (
        "UPDATE suppliers_bill SET lines_fen = lines_fen + 1, carried_fen = carried_fen - 1",
        ["bills_are_the_sum_of_their_lines"],
    ),
    (
        (
            "DROP INDEX bill_once_per_period;"
            "UPDATE suppliers_bill SET period_from = '2026-10-01', period_to = '2026-10-31'"
        ),
        ["bills_are_one_for_each_period", "constraints_are_in_force"],
    ),
    (
        "UPDATE suppliers_bill SET carried_to_id = id WHERE state = 'paid'",
        ["only_negative_bills_are_carried_over", "bills_are_the_sum_of_their_lines"],
    ),
    (
        "UPDATE suppliers_bill SET state = 'accepted' WHERE state = 'paid'",
        ["bills_are_paid_once_in_full", "payments_say_when_they_ended"],
    ),
    (
        "UPDATE suppliers_adjustment SET state = 'declined' WHERE amount_fen = 4000",
        ["manual_lines_are_posted_once"],
    ),
    (
        (
            f"{TRANSFER} SELECT 'security_out', 'x', {account('security')}, {account('bank')}, 6001,"
            f" now(), 'somebody', {SUPPLIER}, NULL, NULL"
        ),
        ["security_deposits_are_not_below_zero"],
    ),
    (
        RECHARGE.format(f"SELECT 'R1', {IDLE}, 5, 'approved', 'B9', '', 'somebody', now()"),
        ["approved_recharges_are_credited_once", "decided_payments_are_told_once"],
    ),
    (
        "UPDATE distributors_recharge SET checked_by = decided_by WHERE state = 'approved'",
        ["recharges_were_decided_by_whom_they_need"],
    ),
    (
        (
            f"{TRANSFER} SELECT 'withdrawal_paid', 'W9', credit_id, debit_id, 5, now(), 'somebody',"
            " NULL, distributor_pk, NULL FROM ledger_transfer WHERE code = 'recharge' LIMIT 1"
        ),
        [
            "paid_withdrawals_are_debited_once",
            "deposits_are_the_sum_of_their_transfers",
            "money_that_came_in_is_somewhere",
        ],
    ),
    (
        "UPDATE integration_event SET type = 'withdrawal.noted' WHERE type = 'withdrawal.paid'",
        ["decided_payments_are_told_once"],
    ),
    (
        RECHARGE.format(f"SELECT 'R1', {IDLE}, 5, 'rejected', '', '', 'somebody', NULL"),
        ["payments_say_when_they_ended"],
    ),
    (
        "ALTER TABLE supplychain_sku ALTER COLUMN retail_price_fen TYPE numeric(12, 2)",
        ["money_is_whole_fen"],
    ),
    (
        (
            "UPDATE ledger_transfer SET code = 'oddity' WHERE code = 'order_placed'"
            f" AND order_no = {ORDER_NO.format('B')}"
        ),
        ["orders_are_charged_once"],
    ),
    (
        (
            f"{TRANSFER[:-1]}, order_no) SELECT code, 'twice', debit_id, credit_id, 1, now(),"
            " 'somebody', NULL, distributor_pk, NULL, order_no FROM ledger_transfer"
            f" WHERE code = 'order_placed' AND order_no = {ORDER_NO.format('B')};"
            "UPDATE ledger_transfer SET amount_fen = amount_fen - 1"
            f" WHERE code = 'order_placed' AND reference = {ORDER_NO.format('B')}"
        ),
        ["orders_are_charged_once"],
    ),
    (
        (
            "UPDATE orders_order SET goods_fen = goods_fen + 1, freight_fen = freight_fen - 1"
            f" WHERE id = {B}"
        ),
        ["totals_are_lines_and_freight"],
    ),
    (
        (
            "UPDATE orders_line SET service_fee_fen = service_fee_fen + 1, markup_fen = markup_fen - 1"
            f" WHERE order_id = {C}"
        ),
        ["agreement_prices_are_their_parts"],
    ),
    (
        (
            "UPDATE orders_order SET open_fen = open_fen + CASE out_order_no WHEN 'A' THEN 1"
            " ELSE -1 END WHERE out_order_no IN ('A', 'B')"
        ),
        ["open_amounts_are_what_the_ledger_says", "open_amounts_are_what_is_left_to_receive"],
    ),
    (
        f"UPDATE orders_fulfilment SET freight_refunded_fen = 1 WHERE order_id = {B}",
        [
            "open_amounts_are_what_is_left_to_receive",
            "freight_comes_back_by_cancellations_and_cases",
        ],
    ),
    (
        (
            f"INSERT INTO ledger_account (kind, holder) SELECT 'earned', {SUPPLIER};"
            f"UPDATE ledger_transfer SET credit_id = {account('earned')}"
            " WHERE code = 'goods_earned' AND supplier_pk IS NOT NULL"
        ),
        ["what_is_earned_waits_for_its_window"],
    ),
    (
        "UPDATE ledger_transfer SET line_id = 'x' WHERE code = 'fee_earned' AND line_id = '1'",
        ["lines_earn_what_was_received"],
    ),
    (
        (
            f"UPDATE ledger_transfer SET credit_id = {account('own_sales')}"
            " WHERE code = 'freight_earned'"
        ),
        ["freight_is_earned_once"],
    ),
    (
        (
            "UPDATE orders_fulfilment SET freight_earned_at = NULL"
            f" WHERE order_id = {A} AND supplier_id IS NULL"
        ),
        ["freight_is_earned_with_the_first_piece"],
    ),
    (
        drop("orders_line", "line_counters_within_quantity")
        + f"UPDATE orders_line SET returned = shipped + 1 WHERE order_id = {B}",
        ["line_counters_make_sense", "constraints_are_in_force"],
    ),
    (
        "UPDATE ledger_transfer SET order_no = 'A0' WHERE code = 'goodwill_settled'",
        ["orders_give_back_no_more_than_they_took"],
    ),
    (
        "UPDATE orders_shipmentline SET quantity = quantity + 1 WHERE received = 0",
        ["line_counters_are_what_parcels_hold"],
    ),
    (
        drop("orders_order", "order_once_per_out_order_no")
        + "UPDATE orders_order SET out_order_no = 'C' WHERE out_order_no = 'D'",
        ["orders_are_once_per_number", "constraints_are_in_force"],
    ),
    (
        "UPDATE supplychain_product SET supplier_id = NULL WHERE supplier_id IS NOT NULL",
        ["parts_ship_what_their_source_owns"],
    ),
    (f"DELETE FROM orders_consignee WHERE order_id = {C}", ["orders_are_whole"]),
    (
        (
            "UPDATE supplychain_stock SET available = available + 1"
            " WHERE sku_id = (SELECT min(id) FROM supplychain_sku)"
        ),
        ["stock_is_the_sum_of_its_movements"],
    ),
    (
        (
            "UPDATE supplychain_movement SET balance_after = balance_after + 1"
            " WHERE version = 2 AND sku_id = (SELECT min(id) FROM supplychain_sku)"
        ),
        ["movements_are_a_chain"],
    ),
    (
        (
            "UPDATE supplychain_movement SET cause = 'nobody'"
            f" WHERE cause = {ORDER_NO.format('C')} || '/1'"
        ),
        ["orders_moved_the_stock_they_took"],
    ),
    (
        (
            "UPDATE supplychain_movement SET kind = 'adjust'"
            " WHERE kind = 'allot' AND allotment_id IS NOT NULL"
        ),
        ["allotting_moves_pieces_between_pool_and_allotment"],
    ),
    (
        f"UPDATE supplychain_allotment SET distributor_id = {IDLE}",
        ["allotments_belong_to_who_drew_from_them", "holds_moved_the_stock_they_keep"],
    ),
    (
        f"UPDATE orders_fulfilment SET begun_at = now() WHERE order_id = {C}",
        ["order_states_are_what_their_lines_say"],
    ),
    (
        f"UPDATE orders_fulfilment SET state = 'shipped' WHERE order_id = {C}",
        ["part_states_are_what_their_lines_say"],
    ),
    (
        "UPDATE orders_shipment SET received_at = now() WHERE state = 'in_transit'",
        ["parcels_are_received_to_the_last_piece"],
    ),
    (
        "UPDATE orders_shipment SET ended_at = now() WHERE state = 'in_transit'",
        ["parcels_ended_where_their_state_says"],
    ),
    (
        (
            "INSERT INTO orders_shipment (fulfilment_id, carrier_code, tracking_no, state,"
            " shipped_at, receive_due_at, ended_at, scanned_at)"
            " SELECT min(id), 'SF', 'SFX', 'voided', now(), now(), now(), now()"
            " FROM orders_fulfilment;"
            "INSERT INTO orders_scan (shipment_id, carrier_code, tracking_no, status, text, place,"
            " scanned_at, heard_at) SELECT id, 'SF', 'SFX', 'picked_up', '', '', now(), now()"
            " FROM orders_shipment WHERE state = 'voided'"
        ),
        ["voided_parcels_were_never_seen", "parcels_are_told_once"],
    ),
    (
        (
            "UPDATE orders_history SET from_state = 'received', to_state = 'shipped'"
            f" WHERE order_id = {A} AND subject = 'order' AND to_state = 'shipped'"
        ),
        ["order_history_is_a_path"],
    ),
    (
        (
            "UPDATE orders_history SET from_state = 'lost'"
            " WHERE starts_with(subject, 'shipment') AND act = 'received'"
        ),
        ["parcel_history_is_a_path"],
    ),
    (
        (
            "DELETE FROM integration_delivery; DELETE FROM integration_event WHERE id ="
            " (SELECT max(id) FROM integration_event WHERE type = 'shipment.created')"
        ),
        ["events_are_numbered_without_a_gap", "parcels_are_told_once"],
    ),
    (
        (
            "UPDATE integration_event SET type = 'order.noted'"
            f" WHERE type = 'order.placed' AND object_no = {ORDER_NO.format('B')}"
        ),
        ["orders_are_told_once"],
    ),
    (
        ("UPDATE integration_event SET type = 'order.noted' WHERE type = 'order.received'"),
        ["moves_of_orders_are_told_once"],
    ),
    (
        (
            "UPDATE integration_event SET object_no = object_no || '0'"
            " WHERE type = 'shipment.created'"
        ),
        ["parcels_are_told_once"],
    ),
    (
        (
            f"UPDATE integration_event SET object_no = {ORDER_NO.format('C')}"
            " WHERE type = 'order.received'"
        ),
        ["order_events_go_to_who_ordered", "moves_of_orders_are_told_once"],
    ),
    (
        (
            """UPDATE integration_event SET data = data || '{"phone": "13800000000"}'"""
            " WHERE type = 'order.received'"
        ),
        ["events_carry_no_consumer"],
    ),
    (
        (
            "UPDATE orders_hold SET goods_fen = goods_fen + 1, total_fen = total_fen + 1"
            " WHERE out_order_no = 'Z'"
        ),
        ["holds_come_to_their_lines_and_freight"],
    ),
    (
        "UPDATE orders_holdline SET from_allotment = from_allotment - 1 WHERE from_allotment > 0",
        ["holds_moved_the_stock_they_keep"],
    ),
    (
        "UPDATE orders_hold SET out_order_no = 'B' WHERE out_order_no = 'X'",
        ["holds_and_orders_of_a_number_exclude_each_other"],
    ),
    (
        "UPDATE orders_hold SET order_id = NULL WHERE out_order_no = 'C'",
        ["holds_end_with_an_order_or_without"],
    ),
    (
        "UPDATE integration_event SET type = 'hold.gone' WHERE type = 'hold.lapsed'",
        ["lapsed_holds_are_told_once"],
    ),
    (
        "UPDATE orders_hold SET expires_at = '2026-11-21' WHERE out_order_no = 'X'",
        ["no_hold_is_overdue"],
    ),
    (
        "UPDATE orders_line SET frozen = 0 WHERE frozen = 1",
        ["line_counters_are_what_cancellations_say"],
    ),
    (
        "UPDATE ledger_transfer SET quantity = 7 WHERE code = 'order_cancelled'",
        ["cancelled_pieces_are_paid_back_once"],
    ),
    (
        "UPDATE orders_fulfilment SET freight_refunded_fen = 0 WHERE state = 'cancelled'",
        [
            "cancelled_parts_have_their_freight_back",
            "freight_comes_back_by_cancellations_and_cases",
            "open_amounts_are_what_is_left_to_receive",
        ],
    ),
    (
        "UPDATE orders_cancellation SET refunded_fen = refunded_fen + 1 WHERE state = 'granted'",
        ["cancellations_say_what_they_gave_back"],
    ),
    (
        "UPDATE supplychain_movement SET kind = 'restock' WHERE kind = 'cancel'",
        ["cancelled_pieces_are_in_stock_again", "inspected_goods_are_in_stock_as_inspections_say"],
    ),
    (
        (
            "UPDATE orders_history SET from_state = '' WHERE starts_with(subject, 'cancellation ')"
            " AND to_state = 'granted'"
        ),
        ["cancellation_history_is_a_path"],
    ),
    (
        (
            "UPDATE integration_event SET type = 'cancellation.refused'"
            " WHERE type = 'cancellation.granted'"
        ),
        ["answers_to_cancellations_are_told_once"],
    ),
    (
        "UPDATE orders_cancellation SET answer_due_at = '2026-11-21' WHERE state = 'requested'",
        ["no_answer_to_a_cancellation_is_overdue"],
    ),
    (
        f"UPDATE orders_order SET open_cases = open_cases + 1 WHERE id = {G}",
        ["pieces_are_in_the_cases_that_are_open"],
    ),
    (
        f"UPDATE orders_line SET refunded_fen = refunded_fen + 1 WHERE order_id = {G}",
        ["refunds_are_what_cancellations_cases_and_goodwill_say"],
    ),
    (
        "UPDATE ledger_transfer SET case_no = 'A0' WHERE code = 'aftersale_freight_refunded'",
        ["cases_are_paid_back_once"],
    ),
    (
        (
            "UPDATE orders_fulfilment SET freight_refunded_fen = freight_refunded_fen + 1"
            f" WHERE order_id = {G}"
        ),
        [
            "freight_comes_back_by_cancellations_and_cases",
            "open_amounts_are_what_is_left_to_receive",
        ],
    ),
    (
        "UPDATE aftersales_case SET after_receipt = true WHERE type = 'refund_only'",
        ["pieces_are_written_off_by_refunds_before_receipt"],
    ),
    (
        "UPDATE aftersales_case SET retaken = 0 WHERE state = 'reshipping'",
        ["cases_took_the_stock_that_they_ship_again"],
    ),
    (
        "UPDATE supplychain_movement SET cause = 'A0/1' WHERE kind = 'restock'",
        ["inspected_goods_are_in_stock_as_inspections_say"],
    ),
    (
        (
            "UPDATE orders_history SET from_state = '' WHERE starts_with(subject, 'aftersale ')"
            " AND to_state = 'refunded'"
        ),
        ["case_history_is_a_path"],
    ),
    (
        "UPDATE aftersales_case SET version = version + 1 WHERE state = 'applied'",
        ["case_events_go_to_who_applied"],
    ),
    (
        "UPDATE aftersales_case SET due_at = '2026-11-21' WHERE state = 'applied'",
        ["no_case_waits_past_its_deadline"],
    ),
    (
        (
            "UPDATE orders_fulfilment SET ship_due_at = '2026-11-21'"
            " WHERE state = 'awaiting_shipment';"
            " UPDATE orders_order SET changed_at = '2026-11-21'"
        ),
        ["no_lateness_is_untold"],
    ),
    (
        (
            "UPDATE orders_shipment SET receive_due_at = '2026-11-21' WHERE state = 'in_transit';"
            " UPDATE orders_order SET changed_at = '2026-11-21'"
        ),
        ["no_receipt_is_overdue"],
    ),
    (
        (
            "UPDATE orders_order SET completed_at = NULL, state = 'received',"
            f" aftersale_until = '2026-11-21', changed_at = '2026-11-21' WHERE id = {A}"
        ),
        ["no_completion_is_overdue", "order_history_is_a_path"],
    ),
    (
        "UPDATE integration_event SET occurred_at = '2026-11-21' WHERE seq IS NULL",
        ["no_event_waits_for_its_number"],
    ),
    (
        "UPDATE supplychain_productnote SET noted_at = '2026-11-21'",
        ["no_change_of_goods_waits_to_be_told"],
    ),
    (
        (
            "UPDATE integration_delivery SET event_id = (SELECT min(id) FROM integration_event"
            f" WHERE partner_id = (SELECT partner_id FROM distributors_distributor"
            f" WHERE id = (SELECT distributor_id FROM orders_order WHERE id = {A})))"
            " WHERE id = (SELECT min(id) FROM integration_delivery)"
        ),
        ["deliveries_are_of_their_partners_events"],
    ),
    (
        (
            "INSERT INTO integration_delivery (endpoint_id, event_id, due_at)"
            " SELECT endpoint.id, event.id, now() FROM integration_event event"
            " JOIN integration_endpoint endpoint ON endpoint.partner_id = event.partner_id"
            " WHERE event.seq IS NULL"
        ),
        ["deliveries_stay_behind_the_last_number"],
    ),
    (
        (
            "UPDATE integration_event SET data = jsonb_set(data, '{items,0,stock_version}', '99')"
            " WHERE type = 'stock.changed'"
        ),
        ["stock_is_told_as_it_was"],
    ),
    (
        (
            "INSERT INTO supplychain_revision (product_id, state, proposed, live, terms, effective_at,"
            " submitted_by, submitted_at, decided_by, note)"
            " SELECT min(id), 'approved', '{}', '{}', '{}', '2026-11-21', '', now(), '', ''"
            " FROM supplychain_product"
        ),
        ["no_approved_change_is_overdue"],
    ),
    (
        "UPDATE aftersales_claim SET goodwill_fen = goodwill_fen + 1 WHERE goodwill_fen > 0",
        [
            "goodwill_is_paid_once_where_it_was_settled",
            "refunds_are_what_cancellations_cases_and_goodwill_say",
        ],
    ),
    (
        (
            f"UPDATE ledger_transfer SET case_no = {CLAIM.format('goodwill', 'asked')}"
            " WHERE code = 'recharge'"
        ),
        ["claims_post_nothing_but_goodwill"],
    ),
    (
        (
            "UPDATE aftersales_claim SET quantity = 2 WHERE goodwill = 'settled'"
            " AND goodwill_kind = 'reship'"
        ),
        ["goodwill_took_the_stock_that_it_ships"],
    ),
    (
        (
            "INSERT INTO aftersales_claimparcel (claim_id, direction, carrier_code, tracking_no, sent_at)"
            " SELECT id, 'goodwill', 'SF', 'SF200000009', now() FROM aftersales_claim"
            " WHERE goodwill_kind = 'amount'"
        ),
        ["goodwill_is_shipped_once_where_it_was_settled"],
    ),
    (
        "UPDATE aftersales_claim SET quantity = 9 WHERE goodwill = 'asked'",
        ["claims_are_about_received_pieces"],
    ),
    (
        "UPDATE aftersales_claim SET state = 'agreed' WHERE goodwill = 'asked'",
        ["claim_history_is_a_path"],
    ),
    (
        (
            "UPDATE orders_history SET to_state = 'settled'"
            f" WHERE subject = 'goodwill ' || {CLAIM.format('goodwill', 'asked')}"
        ),
        ["goodwill_history_is_a_path"],
    ),
    (
        "UPDATE aftersales_claim SET version = version + 1 WHERE goodwill = 'asked'",
        ["claim_events_go_to_whose_claim_it_is"],
    ),
    (
        (
            "UPDATE aftersales_claim SET goodwill_due_at = goodwill_due_at - interval '9 days'"
            " WHERE goodwill = 'asked'"
        ),
        ["no_goodwill_waits_past_its_deadline"],
    ),
    (
        "UPDATE books_statement SET credited_fen = 5, closing_fen = 5",
        ["statements_equal_the_ledger", "statement_files_are_as_frozen"],
    ),
    (
        "UPDATE books_statement SET opening_fen = 5, closing_fen = 5",
        ["statements_follow_each_other", "statement_files_are_as_frozen"],
    ),
    (
        "UPDATE books_statement SET csv = csv || 'x'::bytea",
        ["statement_files_are_as_frozen"],
    ),
    (
        "UPDATE books_statement SET day = day - 9",
        ["no_day_waits_to_be_closed", "statement_files_are_as_frozen"],
    ),
    (
        "UPDATE books_bankline SET amount_fen = 1",
        ["bank_lines_prove_what_the_bank_moved"],
    ),
    (
        "UPDATE books_reconciliation SET differing = 9",
        ["reconciliations_count_their_rows"],
    ),
]


def plant(sql: str) -> None:
    """Do it as somebody could who may use the database itself, with its triggers looking away."""
    with connection.cursor() as cursor, pgtrigger.ignore():
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)


def broken(report: Report) -> list[str]:
    return sorted(finding.check.name for finding in report.breaches)
