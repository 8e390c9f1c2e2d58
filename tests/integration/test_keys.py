"""API keys and bound addresses: made, rotated, revoked, and shown once."""

from datetime import timedelta

import pytest

from integration import endpoints, keys
from integration.models import ApiKey, Endpoint, Partner
from kit.errors import NotFound
from tests.factories import NOON, make_distributor, make_supplier


def make_partner() -> Partner:
    """A distributor as machines know it; it has one key."""
    return make_distributor(deposit_fen=0).partner


def credentials(public_id: str) -> keys.Credentials | None:
    """What a signature by this key is checked against, if it signs anything."""
    return keys.credentials([public_id]).get(public_id)


def key_of(partner: Partner) -> ApiKey:
    return partner.keys.get()


@pytest.mark.django_db
def test_a_secret_is_shown_once_and_kept_sealed() -> None:
    partner = make_partner()

    new = keys.create(partner=partner, at=NOON, name="shop", scopes=["goods"])

    kept = ApiKey.objects.values().get(pk=new.key.pk)
    assert new.secret.encode() not in bytes(kept["secret_sealed"])
    assert kept["secret_last4"] == new.secret[-4:]
    found = credentials(new.key.public_id)
    assert found is not None
    assert found.live_secrets(NOON) == (new.secret.encode(),)
    assert found.scopes == ("goods",)


@pytest.mark.django_db
def test_a_key_has_every_scope_of_its_side_unless_some_are_named() -> None:
    supplier = make_supplier().partner

    assert keys.create(partner=make_partner(), at=NOON).key.scopes == [
        "goods", "orders", "aftersales", "money", "events",
    ]  # fmt: skip
    assert keys.create(partner=supplier, at=NOON).key.scopes == [
        "ship", "stock", "goods", "bills", "events",
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_scope_of_the_other_side_is_refused() -> None:
    supplier = make_supplier().partner

    with pytest.raises(keys.ScopeUnknown):
        keys.create(partner=supplier, at=NOON, scopes=["aftersales"])

    assert not supplier.keys.exists()


@pytest.mark.django_db
def test_there_is_a_limit_of_live_keys_and_revoked_ones_do_not_count() -> None:
    partner = make_partner()
    for _ in range(keys.MAX_LIVE_KEYS - 1):
        last = keys.create(partner=partner, at=NOON)

    with pytest.raises(keys.TooManyKeys):
        keys.create(partner=partner, at=NOON)
    keys.revoke(key_pk=last.key.pk, partner=partner, at=NOON, reason="old")
    keys.create(partner=partner, at=NOON)

    assert partner.keys.filter(state="live").count() == keys.MAX_LIVE_KEYS


@pytest.mark.django_db
def test_while_rotating_both_secrets_work_and_then_the_new_one_alone() -> None:
    partner = make_partner()
    first = keys.create(partner=partner, at=NOON)

    second = keys.rotate(key_pk=first.key.pk, partner=partner, at=NOON)

    found = credentials(first.key.public_id)
    assert found is not None
    both = (second.secret.encode(), first.secret.encode())
    assert found.live_secrets(NOON + timedelta(hours=23)) == both
    assert found.live_secrets(NOON + timedelta(hours=24)) == both[:1]


@pytest.mark.django_db
def test_a_revoked_key_signs_nothing_and_cannot_come_back() -> None:
    partner = make_partner()
    key = key_of(partner)

    revoked = keys.revoke(key_pk=key.pk, partner=partner, at=NOON, reason="leaked")

    assert (revoked.state, revoked.revoked_reason) == ("revoked", "leaked")
    assert credentials(key.public_id) is None
    with pytest.raises(NotFound):
        keys.rotate(key_pk=key.pk, partner=partner, at=NOON)
    with pytest.raises(NotFound):
        keys.revoke(key_pk=key.pk, partner=partner, at=NOON, reason="again")


@pytest.mark.django_db
def test_another_partners_key_does_not_exist() -> None:
    partner, other = make_partner(), make_partner()
    key = key_of(other)

    with pytest.raises(NotFound):
        keys.rotate(key_pk=key.pk, partner=partner, at=NOON)
    with pytest.raises(NotFound):
        keys.revoke(key_pk=key.pk, partner=partner, at=NOON)

    assert credentials(key.public_id) is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_case", "bound", "address", "may_call"),
    [
        ("nothing is bound", [], "198.51.100.1", True),
        ("the very address", ["203.0.113.7"], "203.0.113.7", True),
        ("another address", ["203.0.113.7"], "203.0.113.8", False),
        ("within the network", ["203.0.113.0/24"], "203.0.113.200", True),
        ("an address with host bits is a network", ["203.0.113.9/24"], "203.0.113.1", True),
        ("IPv6", ["2001:db8::/32"], "2001:db8:1::2", True),
        ("IPv4 mapped into IPv6", ["203.0.113.7"], "::ffff:203.0.113.7", True),
        ("no address at all", ["203.0.113.7"], "unknown", False),
    ],
)
def test_only_bound_addresses_may_call(
    _case: str, bound: list[str], address: str, may_call: bool
) -> None:
    partner = make_partner()

    keys.bind_addresses(partner=partner, addresses=bound)

    found = credentials(key_of(partner).public_id)
    assert found is not None
    assert found.may_call_from(address) is may_call


@pytest.mark.django_db
def test_an_address_that_cannot_be_read_leaves_the_list_as_it_was() -> None:
    partner = make_partner()
    keys.bind_addresses(partner=partner, addresses=["203.0.113.7"])

    with pytest.raises(keys.AddressInvalid):
        keys.bind_addresses(partner=partner, addresses=["203.0.113.8", "300.0.0.1"])

    partner.refresh_from_db()
    assert partner.allowed_addresses == ["203.0.113.7/32"]


@pytest.mark.django_db
def test_the_secret_of_callbacks_is_made_with_the_first_address_and_stays() -> None:
    partner = make_partner()

    first = endpoints.save(partner=partner, url="http://127.0.0.1:9/a", at=NOON)
    second = endpoints.save(partner=partner, url="http://127.0.0.1:9/b", at=NOON)

    assert first.secret is not None
    assert first.secret.startswith("whsec_")
    assert second.secret is None
    assert Endpoint.objects.get(partner=partner).url == "http://127.0.0.1:9/b"
