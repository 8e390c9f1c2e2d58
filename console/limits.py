"""What may be measured before it is a trouble, and what helps then."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Limit:
    """A measure that is red above a limit; both in the unit that `shown` shows."""

    measure: str
    label: Promise
    most: int
    remedy: Promise
    unit: str = ""
    address: str = ""


QUEUES = (
    Limit(
        "outbox_unstamped",
        _("Events without a number"),
        1_000,
        _("The worker numbers events every second: look whether worker and beat run."),
        address="admin:integration_event_changelist",
    ),
    Limit(
        "outbox_oldest_unstamped_seconds",
        _("Oldest event without a number"),
        MINUTE,
        _("Distributors learn of nothing newer: start the worker, or run manage.py sweep."),
        "seconds",
    ),
    Limit(
        "callbacks_oldest_due_seconds",
        _("Oldest callback that is due and not sent"),
        MINUTE,
        _("Addresses that answer are kept waiting: start more workers of the queue “callbacks”."),
        "seconds",
        "admin:integration_delivery_changelist",
    ),
    Limit(
        "callbacks_parked",
        _("Callbacks that wait for their address to answer"),
        0,
        _("Nothing is lost. Call the distributor; all is sent at its first answer."),
        address="admin:integration_endpoint_changelist",
    ),
    Limit(
        "callbacks_down",
        _("Callback addresses that do not answer"),
        0,
        _("See the address's last answers, and call the distributor."),
        address="admin:integration_endpoint_changelist",
    ),
    Limit(
        "timers_overdue",
        _("Timers that are overdue"),
        0,
        _("Holds and cancellations do not end by themselves: look whether beat and worker run."),
    ),
    Limit(
        "shipments_receipt_overdue",
        _("Parcels whose receipt is overdue"),
        100,
        _("They are received every 30 seconds: look at the worker's log for what keeps them."),
        address="admin:orders_shipment_changelist",
    ),
)
BOOKS = (
    Limit(
        "newest_proof_seconds",
        _("Last proof of the books"),
        26 * HOUR,
        _("It is made every night: run manage.py verify_books, and look whether beat runs."),
        "seconds",
        "console:proofs",
    ),
    Limit(
        "rules_broken",
        _("Rules found broken by it"),
        0,
        _(
            "What is named is frozen and the rest runs on: open the proof, and call who keeps the books."
        ),
        address="console:proofs",
    ),
    Limit(
        "transfers_unlinked",
        _("Transfers not yet in the chain"),
        10_000,
        _("They are linked every 10 seconds: look whether the worker runs."),
    ),
)
DATABASE = (
    Limit(
        "oldest_transaction_seconds",
        _("Oldest open transaction"),
        5 * MINUTE,
        _("It keeps others waiting and old rows alive: find it in pg_stat_activity, and end it."),
        "seconds",
    ),
    Limit(
        "locks_awaited",
        _("Sessions that wait for a lock"),
        20,
        _("Many want the same sku or deposit: see the skus below; orders come in batches faster."),
    ),
    Limit(
        "database_deadlocks",
        _("Deadlocks since the statistics began"),
        0,
        _(
            "All locks are taken in one rank, so there should be none: report it with the server's log."
        ),
    ),
)
