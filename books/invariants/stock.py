"""Stock: pools and allotments are their movements, link by link."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check

# Pools and allotments side by side, as movements tell them apart.
_SHELVES = """
shelf AS (
    SELECT sku_id, NULL::bigint AS allotment_id, available, version FROM supplychain_stock
    UNION ALL SELECT sku_id, id, available, version FROM supplychain_allotment)
"""

CHECKS = (
    Check(
        "stock_is_the_sum_of_its_movements",
        "I6",
        _("What a pool or allotment holds is the sum of its movements, and never below zero."),
        f"""
        WITH {_SHELVES}, moved AS (
            SELECT sku_id, allotment_id, sum(quantity) AS quantity, count(*) AS movements,
                max(version) AS version
            FROM supplychain_movement GROUP BY sku_id, allotment_id)
        SELECT coalesce(shelf.sku_id, moved.sku_id) AS sku_pk, shelf.allotment_id,
            shelf.available, moved.quantity AS movements_sum, shelf.version,
            moved.version AS last_movement_version, moved.movements
        FROM shelf FULL JOIN moved ON moved.sku_id = shelf.sku_id
            AND coalesce(moved.allotment_id, 0) = coalesce(shelf.allotment_id, 0)
        WHERE shelf.available IS DISTINCT FROM coalesce(moved.quantity, 0)
            OR shelf.version IS DISTINCT FROM coalesce(moved.version, 0)
            OR shelf.available < 0
        """,
        "supplychain_stock",
    ),
    Check(
        "movements_are_a_chain",
        "I6",
        _("Every movement starts from the balance and the version of the one before it."),
        """
        WITH linked AS (
            SELECT id, sku_id, allotment_id, kind, cause, quantity, balance_after, version,
                lag(balance_after, 1, 0) OVER chain AS balance_before,
                lag(version, 1, 0::bigint) OVER chain AS version_before
            FROM supplychain_movement
            WINDOW chain AS (PARTITION BY sku_id, allotment_id ORDER BY version))
        SELECT sku_id AS sku_pk, allotment_id, id AS movement_id, kind, cause, balance_before,
            quantity, balance_after, version_before, version
        FROM linked
        WHERE balance_after <> balance_before + quantity OR version <> version_before + 1
            OR balance_after < 0
        """,
        "supplychain_movement",
    ),
    Check(
        "orders_moved_the_stock_they_took",
        "I6",
        _(
            "For every line, exactly its quantity left the stock of its sku, and from the allotment"
            " what the line says."
        ),
        """
        WITH taken AS (
            SELECT sku_id, cause, -sum(quantity) AS quantity,
                -coalesce(sum(quantity) FILTER (WHERE allotment_id IS NOT NULL), 0) AS allotted,
                max(allotment_id) AS allotment_id
            FROM supplychain_movement WHERE kind = 'order' GROUP BY sku_id, cause),
        line AS (
            SELECT line.sku_id, placed.order_no || '/' || line.line_id AS cause, line.quantity,
                line.from_allotment, line.allotment_id
            FROM orders_line line JOIN orders_order placed ON placed.id = line.order_id)
        SELECT coalesce(line.cause, taken.cause) AS line,
            coalesce(line.sku_id, taken.sku_id) AS sku_pk, line.quantity,
            taken.quantity AS moved, line.from_allotment, taken.allotted AS moved_from_allotment
        FROM line FULL JOIN taken ON (taken.cause, taken.sku_id) = (line.cause, line.sku_id)
        WHERE (line.quantity, line.from_allotment, line.allotment_id)
            IS DISTINCT FROM (taken.quantity, taken.allotted, taken.allotment_id)
        """,
        "orders_line",
    ),
    Check(
        "allotting_moves_pieces_between_pool_and_allotment",
        "I6",
        _("Allotting takes from the pool exactly what it gives to the allotment."),
        "SELECT sku_id AS sku_pk, split_part(cause, '/', 1) AS cause,"
        " sum(quantity) AS out_of_nowhere FROM supplychain_movement"
        " WHERE kind = 'allot' GROUP BY sku_id, split_part(cause, '/', 1) HAVING sum(quantity) <> 0",
        "supplychain_movement WHERE kind = 'allot'",
    ),
    Check(
        "allotments_belong_to_who_drew_from_them",
        "I6",
        _("A line draws only from an allotment of its own sku and its own distributor."),
        """
        SELECT placed.order_no, line.line_id, line.sku_id AS sku_pk, placed.distributor_id,
            allotment.sku_id AS allotted_sku_pk, allotment.distributor_id AS allotted_to
        FROM orders_line line JOIN orders_order placed ON placed.id = line.order_id
        JOIN supplychain_allotment allotment ON allotment.id = line.allotment_id
        WHERE (allotment.sku_id, allotment.distributor_id) <> (line.sku_id, placed.distributor_id)
        """,
        "orders_line WHERE allotment_id IS NOT NULL",
    ),
)
