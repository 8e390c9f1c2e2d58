"""What a supplier's people and keys did, newest first, from what each act wrote down already.

Orders have history, stock has movements, goods have revisions, bills say who answered; of the team,
keys, shelves and freight the database itself notes every change (`console.watching`). Each source is
read by who did it, through an index, so a page costs the same however much there is.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from companies.models import Invitation, InvitationState, Person
from integration.models import ApiKey
from kit import actors
from suppliers import periods
from suppliers.models import Supplier
from suppliers.periods import DAY

# As many people and keys of one supplier are looked through.
MOST_ACTORS = 500
KINDS = ("orders", "stock", "goods", "bills", "company")
_EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
_CURSOR = re.compile(r"([0-9]{1,17})\.([a-z]{1,12})\.([0-9]{1,18})")

_BOUNDS = """{at} >= %(since)s AND {at} < %(until)s
    AND ({at}, '{kind}'::text, {id}) < (%(before_at)s, %(before_kind)s, %(before_id)s)
    ORDER BY {at} DESC, {id} DESC LIMIT %(limit)s"""


def _source(kind: str, columns: str, rows: str, *, at: str, pk: str) -> str:
    bounds = _BOUNDS.format(at=at, id=pk, kind=kind)
    return (
        f"SELECT found.* FROM team CROSS JOIN LATERAL (SELECT {at} AS at, '{kind}'::text AS kind,"
        f" {pk} AS id, team.actor, {columns} FROM {rows} AND {bounds}) AS found"
    )


_SOURCES: Mapping[str, str] = {
    # What a person does for another supplier's part of the same order is not this one's business.
    "orders": _source(
        "orders",
        "placed.order_no AS about, jsonb_build_object('subject', deed.subject, 'act', deed.act,"
        " 'from', deed.from_state, 'to', deed.to_state, 'reason', deed.reason) AS facts",
        """orders_history deed
        JOIN orders_order placed ON placed.id = deed.order_id
        JOIN orders_fulfilment part ON part.order_id = deed.order_id
            AND part.supplier_id = %(supplier)s
        WHERE deed.actor_kind = team.kind AND deed.actor_name = team.name
            AND deed.actor_kind IN ('person', 'key') AND deed.subject <> 'order'
            AND (deed.subject = 'fulfilment ' || part.id
                OR EXISTS (SELECT FROM orders_shipment parcel WHERE parcel.fulfilment_id = part.id
                    AND deed.subject
                        = 'shipment ' || parcel.carrier_code || ' ' || parcel.tracking_no)
                OR EXISTS (SELECT FROM orders_cancellation lack WHERE lack.fulfilment_id = part.id
                    AND deed.subject = 'cancellation ' || lack.cancellation_no)
                OR EXISTS (SELECT FROM aftersales_case one
                    JOIN orders_line line ON line.id = one.line_id
                    WHERE line.fulfilment_id = part.id
                    AND deed.subject = 'aftersale ' || one.case_no))""",
        at="deed.at",
        pk="deed.id",
    ),
    "stock": _source(
        "stock",
        "sku.sku_no AS about, jsonb_build_object('kind', moved.kind, 'quantity', moved.quantity,"
        " 'balance', moved.balance_after, 'name', product.name) AS facts",
        """supplychain_movement moved
        JOIN supplychain_sku sku ON sku.id = moved.sku_id
        JOIN supplychain_product product ON product.id = sku.product_id
        WHERE moved.actor = team.actor AND moved.kind IN ('set', 'adjust')
            AND product.supplier_id = %(supplier)s""",
        at="moved.moved_at",
        pk="moved.id",
    ),
    "goods": _source(
        "goods",
        "product.item_no AS about, jsonb_build_object('state', revision.state,"
        " 'name', coalesce(revision.proposed ->> 'name', product.name),"
        " 'is_new', revision.live = '{}') AS facts",
        """supplychain_revision revision
        JOIN supplychain_product product ON product.id = revision.product_id
        WHERE revision.submitted_by = team.actor AND product.supplier_id = %(supplier)s""",
        at="revision.submitted_at",
        pk="revision.id",
    ),
    "bills": _source(
        "bills",
        "bill.bill_no AS about, jsonb_build_object('state', bill.state) AS facts",
        """suppliers_bill bill
        WHERE bill.answered_by = team.actor AND bill.supplier_id = %(supplier)s""",
        at="bill.answered_at",
        pk="bill.id",
    ),
    "company": _source(
        "company",
        """coalesce(nullif(altered.label, ''), (SELECT person.email FROM companies_person person
                WHERE altered."table" = 'companies_membership' AND person.id = coalesce(
                    (altered.before ->> 'person_id')::bigint, (SELECT member.person_id
                        FROM companies_membership member WHERE member.id = altered.row_pk))), '')
            AS about, jsonb_build_object('table', altered."table",
            'kind', altered.kind, 'before', altered.before, 'after', altered.after) AS facts""",
        """console_alteration altered
        WHERE altered.actor = team.actor AND (
            (altered.owner_table = 'companies_company' AND altered.owner_pk = %(company)s)
            OR (altered."table" = 'companies_company' AND altered.row_pk = %(company)s)
            OR (altered.owner_table = 'integration_partner' AND altered.owner_pk = %(partner)s)
            OR (altered.owner_table = 'companies_person' AND altered."table" = 'mfa_authenticator'
                AND altered.owner_pk = ANY(%(people)s))
            OR (altered."table" = 'supplychain_product' AND altered.after ? 'state'
                AND EXISTS (SELECT FROM supplychain_product product
                    WHERE product.id = altered.row_pk AND product.supplier_id = %(supplier)s))
            OR (altered."table" = 'supplychain_freighttemplate'
                AND EXISTS (SELECT FROM supplychain_freighttemplate template
                    WHERE template.id = altered.row_pk
                        AND template.supplier_id = %(supplier)s)))""",
        at="altered.altered_at",
        pk="altered.id",
    ),
}


@dataclass(frozen=True)
class Author:
    """Somebody of the company, or one of its keys: as acts name them, and as people read it."""

    actor: str
    name: str


@dataclass(frozen=True)
class Deed:
    """What somebody did; `facts` are the source's own."""

    at: datetime
    kind: str
    pk: int
    author: Author
    about: str
    facts: Mapping[str, Any]

    @property
    def cursor(self) -> str:
        """Where the page after this one begins."""
        micros = (self.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        return f"{micros}.{self.kind}.{self.pk}"


@dataclass(frozen=True)
class Wanted:
    """Which deeds are looked for; empty means all."""

    actor: str = ""
    kind: str = ""
    day: date | None = None


def authors(supplier: Supplier) -> list[Author]:
    """Return who may have done something: members, those who were, and keys, revoked ones too."""
    company = supplier.company
    joined = Invitation.objects.filter(company=company, state=InvitationState.ACCEPTED)
    people = Person.objects.filter(memberships__company=company) | Person.objects.filter(
        email__in=joined.values("email")
    )
    keys = ApiKey.objects.filter(partner=supplier.partner).order_by("-pk")
    named = [
        *((actors.person(one.email), str(one)) for one in people.distinct().order_by("pk")),
        *((actors.key(key.public_id), f"{key.name or key.public_id}") for key in keys),
    ]
    return [Author(str(actor), name) for actor, name in named[:MOST_ACTORS]]


def of_supplier(
    supplier: Supplier, team: Sequence[Author], *, wanted: Wanted, after: str, limit: int
) -> list[Deed]:
    """Return up to so many deeds after a cursor; an unreadable one is the first page."""
    chosen = {one.actor: one for one in team if wanted.actor in ("", one.actor)}
    sources = [sql for kind, sql in _SOURCES.items() if wanted.kind in ("", kind)]
    if not chosen or not sources:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH team AS (SELECT actor, split_part(actor, ':', 1) AS kind,"
            " substr(actor, strpos(actor, ':') + 1) AS name FROM unnest(%(team)s::text[]) actor) "
            + " UNION ALL ".join(sources)
            + " ORDER BY at DESC, kind DESC, id DESC LIMIT %(limit)s",
            _parameters(supplier, list(chosen), wanted, after, limit),
        )
        rows = cursor.fetchall()
    return [
        Deed(at, kind, pk, chosen[actor], about, json.loads(facts))
        for at, kind, pk, actor, about, facts in rows
    ]


def _parameters(
    supplier: Supplier, team: Sequence[str], wanted: Wanted, after: str, limit: int
) -> dict[str, Any]:
    since, until = _EVER
    if wanted.day:
        since, until = periods.midnight(wanted.day), periods.midnight(wanted.day + DAY)
    before_at, before_kind, before_id = _position(after)
    people = Person.objects.filter(memberships__company_id=supplier.company_id)
    return {
        "team": team,
        "supplier": supplier.pk,
        "company": supplier.company_id,
        "partner": supplier.partner_id,
        "people": list(people.values_list("pk", flat=True)),
        "since": since,
        # What the index is read by; the position itself cuts off the rest.
        "until": min(until, before_at + timedelta(microseconds=1)),
        "before_at": before_at,
        "before_kind": before_kind,
        "before_id": before_id,
        "limit": limit,
    }


def _position(cursor: str) -> tuple[datetime, str, int]:
    found = _CURSOR.fullmatch(cursor)
    if not found:
        return _EVER[1], "", 0
    micros, kind, pk = found.groups()
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros)), kind, int(pk)
