"""Money: transfers, stored balances, and the identity of the whole ledger."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import ORDERS_OPEN, Check

# One pass over the ledger; everything that is said of accounts follows from these few rows.
_FLOWS = """
flow AS MATERIALIZED (
    SELECT debit_id, credit_id, sum(amount_fen)::bigint AS fen, count(*) AS transfers,
        min(id) AS first_transfer_id
    FROM ledger_transfer WHERE reverses_id IS NULL GROUP BY debit_id, credit_id
    UNION ALL
    SELECT debit_id, credit_id, sum(amount_fen)::bigint, count(*), min(id)
    FROM ledger_transfer WHERE reverses_id IS NOT NULL GROUP BY debit_id, credit_id),
balance AS MATERIALIZED (
    SELECT account.id, account.kind, account.holder, account.balance_fen AS stored_fen,
        account.held_fen, account.credit_line_fen, coalesce(sum(side.fen), 0)::bigint AS fen
    FROM ledger_account account
    LEFT JOIN (SELECT credit_id AS id, fen FROM flow
        UNION ALL SELECT debit_id, -fen FROM flow) AS side ON side.id = account.id
    GROUP BY account.id)
"""

# From where to where a fact may move money (SPEC 4.5); a reversal goes the other way round.
_ROADS = """
road (source, target) AS (VALUES
    ('bank', 'deposit'), ('deposit', 'bank'),
    ('deposit', 'orders_open'), ('orders_open', 'deposit'),
    ('orders_open', 'payable'), ('orders_open', 'earned'), ('earned', 'payable'),
    ('orders_open', 'own_sales'), ('orders_open', 'service_fees'),
    ('orders_open', 'platform_margin'),
    ('bank', 'security'), ('security', 'bank'),
    ('payable', 'deposit'), ('own_sales', 'deposit'), ('service_fees', 'deposit'),
    ('platform_margin', 'deposit'), ('goodwill', 'deposit'), ('payable', 'bank'),
    ('goodwill', 'payable'), ('payable', 'goodwill'),
    ('service_fees', 'commission'), ('commission', 'bank'))
"""

CHECKS = (
    Check(
        "transfers_move_a_positive_amount",
        "I1",
        _("Every transfer moves a positive amount between two different accounts."),
        "SELECT id AS transfer_id, code, reference, debit_id, credit_id, amount_fen"
        " FROM ledger_transfer"
        " WHERE amount_fen <= 0 OR debit_id = credit_id",
        "ledger_transfer",
    ),
    Check(
        "transfers_take_the_roads_there_are",
        "I1",
        _("Money moves only between kinds of accounts that some fact joins."),
        f"""
        WITH {_FLOWS}, {_ROADS}
        SELECT debit.kind AS source, credit.kind AS target, flow.transfers, flow.fen,
            flow.first_transfer_id AS transfer_id
        FROM flow JOIN ledger_account debit ON debit.id = flow.debit_id
        JOIN ledger_account credit ON credit.id = flow.credit_id
        WHERE NOT EXISTS (SELECT FROM road
            WHERE (road.source, road.target) = (debit.kind, credit.kind))
        AND NOT EXISTS (SELECT FROM road JOIN ledger_transfer transfer
            ON transfer.id = flow.first_transfer_id AND transfer.reverses_id IS NOT NULL
            WHERE (road.source, road.target) = (credit.kind, debit.kind))
        """,
        "ledger_transfer",
    ),
    Check(
        "reversals_turn_round_what_they_name",
        "I1",
        _("A reversal moves the same amount back between the same two accounts."),
        """
        SELECT back.id AS transfer_id, back.code, back.reference, back.amount_fen,
            forth.id AS reversed_id,
            forth.amount_fen AS reversed_fen
        FROM ledger_transfer back JOIN ledger_transfer forth ON forth.id = back.reverses_id
        WHERE back.reverses_id IS NOT NULL AND (back.debit_id, back.credit_id, back.amount_fen)
            IS DISTINCT FROM (forth.credit_id, forth.debit_id, forth.amount_fen)
        """,
        "ledger_transfer WHERE reverses_id IS NOT NULL",
    ),
    Check(
        "transfers_name_whose_money_it_is",
        "I1",
        _("A transfer on an account of a distributor or supplier names that one in its context."),
        """
        WITH side AS (
            SELECT debit_id AS account_id, id, code, reference, distributor_pk, supplier_pk
            FROM ledger_transfer UNION ALL
            SELECT credit_id, id, code, reference, distributor_pk, supplier_pk FROM ledger_transfer)
        SELECT side.id AS transfer_id, side.code, side.reference, account.kind, account.holder,
            side.distributor_pk, side.supplier_pk
        FROM side JOIN ledger_account account ON account.id = side.account_id
        WHERE (account.kind = 'deposit' AND side.distributor_pk IS DISTINCT FROM account.holder)
            OR (account.kind IN ('payable', 'earned', 'security')
                AND side.supplier_pk IS DISTINCT FROM account.holder)
        """,
        "ledger_transfer",
    ),
    Check(
        "deposits_are_the_sum_of_their_transfers",
        "I2",
        _("The stored balance of every deposit is what its transfers come to."),
        f"""
        WITH {_FLOWS}
        SELECT id AS account_id, holder AS distributor_pk, stored_fen, fen AS transfers_fen
        FROM balance
        WHERE stored_fen IS DISTINCT FROM CASE WHEN kind = 'deposit' THEN fen END
        """,
        "ledger_account WHERE kind = 'deposit'",
    ),
    Check(
        "deposits_keep_their_floor",
        "I3",
        _("No deposit, with its credit line and less what is held, is below zero."),
        "SELECT id AS account_id, holder AS distributor_pk, balance_fen, credit_line_fen, held_fen"
        " FROM ledger_account WHERE balance_fen + credit_line_fen - held_fen < 0"
        " OR credit_line_fen < 0 OR held_fen < 0",
        "ledger_account WHERE kind = 'deposit'",
    ),
    Check(
        "distributors_have_one_deposit",
        "I3",
        _("Every distributor has exactly one deposit, and every deposit a distributor."),
        """
        SELECT distributor.id AS distributor_pk, account.holder, count(account.id) AS deposits
        FROM distributors_distributor distributor
        FULL JOIN (SELECT id, holder FROM ledger_account WHERE kind = 'deposit') account
            ON account.holder = distributor.id
        GROUP BY distributor.id, account.holder
        HAVING count(account.id) <> 1 OR distributor.id IS NULL
        """,
        "distributors_distributor",
    ),
    Check(
        "money_that_came_in_is_somewhere",
        "I3",
        _(
            "What came in from the bank is the stored deposits, what orders still hold open, and"
            " every other account: to the fen."
        ),
        f"""
        WITH {_FLOWS}, whole AS (
            SELECT -coalesce(sum(fen) FILTER (WHERE kind = 'bank'), 0) AS from_bank_fen,
                coalesce(sum(stored_fen), 0) AS deposits_fen,
                (SELECT coalesce(sum(open_fen), 0) FROM orders_order) AS open_orders_fen,
                coalesce(sum(fen) FILTER (
                    WHERE kind NOT IN ('bank', 'deposit', 'orders_open')), 0) AS elsewhere_fen
            FROM balance)
        SELECT * FROM whole
        WHERE from_bank_fen <> deposits_fen + open_orders_fen + elsewhere_fen
        """,
        "ledger_account",
    ),
    Check(
        "open_orders_are_what_the_ledger_holds_open",
        "I3",
        _("The open amounts of all orders together are the balance of the account open orders."),
        f"""
        WITH headers AS (SELECT coalesce(sum(open_fen), 0) AS fen FROM orders_order),
        ledger AS (SELECT coalesce(sum(
                CASE WHEN credit_id = {ORDERS_OPEN} THEN amount_fen ELSE -amount_fen END), 0) AS fen
            FROM ledger_transfer WHERE {ORDERS_OPEN} IN (debit_id, credit_id))
        SELECT headers.fen AS orders_fen, ledger.fen AS ledger_fen
        FROM headers, ledger WHERE headers.fen <> ledger.fen
        """,
        "orders_order WHERE open_fen > 0",
    ),
    Check(
        "money_is_whole_fen",
        "I13",
        _("Every column of money is a whole number of fen."),
        "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name LIKE '%%\\_fen'"
        " AND data_type NOT IN ('integer', 'bigint')",
        "information_schema.columns WHERE table_schema = 'public' AND column_name LIKE '%%\\_fen'",
    ),
)
