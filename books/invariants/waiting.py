"""What should have happened by itself and has not."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check

CHECKS = (
    Check(
        "no_receipt_is_overdue",
        "I15",
        _("No parcel has waited for hours to count as received by itself."),
        """
        SELECT shipment.carrier_code, shipment.tracking_no, shipment.state, receive_due_at
        FROM orders_shipment shipment
        JOIN orders_fulfilment part ON part.id = shipment.fulfilment_id
        JOIN orders_order placed ON placed.id = part.order_id
        WHERE shipment.state IN ('in_transit', 'delivered') AND placed.open_cases = 0
            AND receive_due_at < %(overdue_before)s
            -- A case may just have ended for which it waited.
            AND placed.changed_at < %(overdue_before)s
        """,
        "orders_shipment WHERE state IN ('in_transit', 'delivered')",
    ),
    Check(
        "no_completion_is_overdue",
        "I15",
        _("No order has waited for hours to be completed once its window was over."),
        """
        SELECT order_no, aftersale_until FROM orders_order
        WHERE completed_at IS NULL AND open_cases = 0 AND aftersale_until < %(overdue_before)s
            AND changed_at < %(overdue_before)s
        """,
        "orders_order WHERE completed_at IS NULL AND aftersale_until IS NOT NULL",
    ),
    Check(
        "no_event_waits_for_its_number",
        "I15",
        _("No event has waited for an hour to be numbered and told."),
        """
        SELECT id, partner_id AS partner_pk, type, object_no, occurred_at FROM integration_event
        WHERE seq IS NULL AND occurred_at < %(unnumbered_before)s
        """,
        "integration_event WHERE seq IS NULL",
    ),
    Check(
        "no_change_of_goods_waits_to_be_told",
        "I15",
        _("No change of goods has waited for an hour to be told to those who asked for them."),
        """
        SELECT product.item_no, note.noted_at FROM supplychain_productnote note
        JOIN supplychain_product product ON product.id = note.product_id
        WHERE note.noted_at < %(unnumbered_before)s
        """,
        "supplychain_productnote",
    ),
    Check(
        "no_approved_change_is_overdue",
        "I15",
        _("No approved change of a product has waited for hours past its time."),
        """
        SELECT revision.id AS revision_pk, product.item_no, revision.effective_at
        FROM supplychain_revision revision
        JOIN supplychain_product product ON product.id = revision.product_id
        WHERE revision.state = 'approved' AND revision.effective_at < %(overdue_before)s
        """,
        "supplychain_revision WHERE state = 'approved'",
    ),
)
