"""What a check is: a rule in a sentence, and the SQL that returns whatever breaks it."""

from dataclasses import dataclass

from django.utils.functional import Promise

# For SQL that needs the platform-wide account of unearned orders.
ORDERS_OPEN = "(SELECT id FROM ledger_account WHERE kind = 'orders_open')"


@dataclass(frozen=True)
class Check:
    """A rule that the database can show to hold.

    `broken` is a SELECT of the offending rows; it may name the parameters of `verifying`.
    `examined` is what follows FROM in the count of the rows that were looked at. `invariant` is the
    rule's number in the reliability plan.
    """

    name: str
    invariant: str
    sentence: str | Promise
    broken: str
    examined: str


@dataclass(frozen=True)
class Remark:
    """What a check cannot say: because the database cannot show it, or because it is not built yet."""

    invariant: str
    sentence: str | Promise
