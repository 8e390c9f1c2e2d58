"""The chain over the ledger: every transfer has its place in it, and none was changed since."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check
from ledger import chaining

CHECKS = (
    Check(
        "ledger_chain_holds",
        "I1",
        _(
            "Every link of the ledger's chain holds: its transfer is there, as it was when it was"
            " linked, and no link is missing."
        ),
        chaining.BROKEN,
        "ledger_link",
    ),
    Check(
        "no_transfer_waits_for_its_link",
        "I15",
        _("No transfer has waited for an hour to be linked into the chain."),
        """
        SELECT transfer.id AS transfer_id, transfer.code, transfer.reference, transfer.posted_at
        FROM ledger_transfer transfer
        WHERE transfer.posted_at < %(unnumbered_before)s
            AND NOT EXISTS (SELECT FROM ledger_link link WHERE link.transfer_id = transfer.id)
        """,
        "ledger_transfer",
    ),
)
