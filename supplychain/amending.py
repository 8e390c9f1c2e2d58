"""Amending: the platform's people change some of what is said of goods, whoever owns them.

It is the act by which every content goes live, proposed and approved by the same hand: a revision
shows what was changed, and distributors are told.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.actors import Actor
from kit.errors import DomainError, NotFound
from supplychain import attributes, proposing
from supplychain.content import Content
from supplychain.models import Product
from supplychain.proposing import Proposal

# Fields of a content that can be changed of many products alike.
AMENDABLE = frozenset(
    {
        "category_pk",
        "brand_pk",
        "freight_template_pk",
        "ship_within_hours",
        "allowed_applications",
        "regions_not_served",
    }
)


class ReviewFirst(DomainError):
    code = "review_first"
    text = _("A change of “{item_no}” is undecided: review it first.")


class NothingApproved(DomainError):
    code = "nothing_approved"
    text = _("Nothing of “{item_no}” was ever approved.")


@transaction.atomic(durable=True)
def amend(*, product_pk: int, fields: Mapping[str, Any], actor: Actor, at: datetime) -> bool:
    """Put other values into some fields of a live product; return whether that changed anything.

    In another category it keeps those attributes that are asked for there, too.

    :raises NotFound: there is no such product.
    :raises ReviewFirst: its owner proposed something that nobody has decided yet.
    :raises NothingApproved: nothing of it is live.
    :raises ContentRefused: a value is wrong, or not of this owner; the causes say what and where.
    :raises WrongState: the supplier's relation has ended.
    """
    assert fields.keys() <= AMENDABLE, fields
    subjects = proposing.locked_subjects(Product.objects.filter(pk=product_pk))
    if not subjects:
        raise NotFound
    [subject] = subjects
    product = subject.product
    assert product is not None
    if subject.revision is not None:
        raise ReviewFirst(item_no=product.item_no)
    if subject.live is None:
        raise NothingApproved(item_no=product.item_no)
    [answer] = proposing.propose_within(
        supplier=product.supplier,
        proposals=[Proposal(subject, _amended(subject.live, fields))],
        actor=actor,
        at=at,
        approver=actor,
    )
    if isinstance(answer, proposing.NothingChanged):
        return False
    if isinstance(answer, DomainError):
        raise answer
    return True


def _amended(live: Content, fields: Mapping[str, Any]) -> Content:
    wanted = msgspec.structs.replace(live, **fields)
    if wanted.category_pk == live.category_pk:
        return wanted
    asked = attributes.asked_of({wanted.category_pk}).get(wanted.category_pk, {})
    kept = {name: value for name, value in live.attributes.items() if name in asked}
    return msgspec.structs.replace(wanted, attributes=kept)
