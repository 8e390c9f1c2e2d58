"""Every type of event for distributors is described, and its sample looks like what is sent.

What suppliers are told stands in a guide of their own: test_supplier_api.py.
"""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from aftersales.models import CaseState, ClaimState, GoodwillState
from distributors import deciding_recharges, levels, warning
from integration import delivering, endpoints, messages, outbox
from integration.event_types import GROUPS
from integration.models import Event, Side
from kit.actors import OPERATIONS, person
from orders import lateness
from orders.telling import TOLD
from supplychain import assortment, listing, pushing, selecting, telling
from tests.books.worlds import make_world
from tests.factories import NOON, make_recharge
from tests.integration.receivers import receiving
from tests.people import make_live_product
from tests.supplychain.test_telling import change

GUIDE = Path(settings.BASE_DIR) / "docs" / "api" / "events.md"
# Free words of the goods, not names of ours.
FREE = {"spec"}


def samples() -> list[dict[str, Any]]:
    """The samples of the guide, in its order."""
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.S)]


def tell_everything() -> None:
    """Let nearly everything happen that is told of: every shape of event at least."""
    world = make_world()
    tea = make_live_product(world.supplier)
    sku = tea.skus.get()
    assortment.limit(distributor_pk=world.other.pk, category_pks=[], brand_pks=[], at=NOON)
    wanted = selecting.Wanted(item_nos=(tea.item_no,))
    selecting.select(distributor=world.other, wanted=wanted, at=NOON)
    change(tea, name="明前龙井")
    assortment.set_markup(sku_pk=sku.pk, markup_fen=1_00, at=NOON)
    telling.tell_changes(at=NOON)
    for act in (listing.delist_product, listing.list_product):
        act(product_pk=tea.pk, supplier=None, actor=OPERATIONS, at=NOON)
        telling.tell_changes(at=NOON)
    levels.assign(
        distributor_pk=world.other.pk,
        level=levels.define(code="G", name="金", rank=9, fee_rate_bp=1, at=NOON),
        at=NOON,
    )
    pushing.push(at=NOON + timedelta(seconds=5))
    warning.set_threshold(distributor_pk=world.other.pk, threshold_fen=10**9, at=NOON)
    rejected = make_recharge(world.other, amount_fen=30_00)
    deciding_recharges.reject(
        recharge_no=rejected.recharge_no,
        reason="未收到款项",
        actor=person("li@example.com"),
        at=NOON,
    )
    lateness.note_late(at=NOON + timedelta(days=9))
    outbox.stamp()
    with receiving() as receiver:
        receiver.answers(410)
        endpoints.save(partner=world.other.partner, url=receiver.url, at=NOON)
        delivering.deliver()
    outbox.stamp()


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_looks_like_the_samples_of_the_guide() -> None:
    tell_everything()

    shown = {title(sample): sample for sample in samples()}
    groups = {type_: group.types for group in GROUPS for type_ in group.types}
    seen = set()
    told = Event.objects.filter(seq__isnull=False, partner__side=Side.DISTRIBUTOR)
    for event in told.order_by("pk"):
        sent = messages.document(event)
        known = {f"{type_}{scope(sent)}" for type_ in groups[event.type]} & shown.keys()
        [name] = known
        assert_alike(sent | {"previous": None}, shown[name] | {"previous": None}, name)
        seen.add(name)
    assert seen == shown.keys()


def test_the_guide_names_every_type_in_both_languages() -> None:
    text = GUIDE.read_text()
    halves = text.split("# Types of events\n")

    for group in GROUPS:
        for type_ in group.types:
            assert all(f"`{type_}`" in half for half in halves), type_


def test_every_state_that_is_told_has_its_type() -> None:
    listed = {type_ for group in GROUPS for type_ in group.types}

    states = {
        *TOLD.values(),
        *(f"aftersale.{state}" for state in CaseState.values),
        *(f"claim.{state}" for state in ClaimState.values),
        *(f"claim.goodwill_{state}" for state in GoodwillState.values if state != "none"),
    }
    assert states <= listed
    assert {type_.split(".")[0] for type_ in listed} == set(endpoints.FAMILIES)


def title(message: dict[str, Any]) -> str:
    return f"{message['type']}{scope(message)}"


def scope(message: dict[str, Any]) -> str:
    """What sets two shapes of one type apart."""
    return "/" + message["data"]["scope"] if "scope" in message["data"] else ""


def assert_alike(sent: Any, shown: Any, path: str) -> None:
    """Insist on the same names and kinds of values; null and empty lists say nothing of theirs."""
    if sent is None or shown is None:
        return
    assert type(sent) is type(shown), path
    if isinstance(sent, dict):
        assert sent.keys() == shown.keys() or path.rpartition(".")[2] in FREE, path
        for name in sent.keys() & shown.keys():
            assert_alike(sent[name], shown[name], f"{path}.{name}")
    elif isinstance(sent, list) and shown:
        for one in sent:
            assert_alike(one, shown[0], f"{path}[]")
