"""The rules that the books keep, each as SQL that returns whatever breaks it."""

from django.utils.translation import gettext_lazy as _

from books.invariants import (
    aftersales,
    bills,
    cancellations,
    chain,
    claims,
    events,
    guards,
    holds,
    money,
    orders,
    paying,
    rollups,
    statements,
    states,
    stock,
    waiting,
)
from books.invariants.check import Check as Check
from books.invariants.check import Remark as Remark

CHECKS: tuple[Check, ...] = (
    *guards.CHECKS,
    *chain.CHECKS,
    *money.CHECKS,
    *paying.CHECKS,
    *statements.CHECKS,
    *rollups.CHECKS,
    *orders.CHECKS,
    *cancellations.CHECKS,
    *aftersales.CHECKS,
    *claims.CHECKS,
    *bills.CHECKS,
    *stock.CHECKS,
    *states.CHECKS,
    *holds.CHECKS,
    *events.CHECKS,
    *waiting.CHECKS,
)

NOT_YET: tuple[Remark, ...] = ()
BEYOND = (
    Remark(
        "I1",
        _(
            "Who could compute the whole chain anew is found out only by a digest that was kept"
            " elsewhere: verify_chain --expect."
        ),
    ),
    Remark("I10", _("What a partner received is not shown here, only what it can read.")),
    Remark(
        "I11",
        _("Whether a client was told what is in the books, only its own records can show."),
    ),
    Remark(
        "I12",
        _("What answers, exports and logs showed to whom is not in the database."),
    ),
    Remark(
        "I14",
        _(
            "That a repeated order is answered equally is tested; the database shows that it is one."
        ),
    ),
)
