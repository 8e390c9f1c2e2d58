"""API keys: making, rotating, revoking, and finding the secrets a signature may be made with."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from integration.models import ApiKey, KeyState, Partner, Side
from kit import bulk, sealing
from kit.errors import DomainError, NotFound

SCOPES = {
    Side.DISTRIBUTOR: ("goods", "orders", "aftersales", "money", "events"),
    Side.SUPPLIER: ("ship", "stock", "goods", "bills", "events"),
}
MAX_LIVE_KEYS = 10
MAX_ADDRESSES = 50

_CREDENTIALS = """
SELECT key.id, key.public_id, partner.id, partner.side, key.scopes, key.secret_sealed,
    key.former_secret_sealed, partner.allowed_addresses, key.former_until
FROM integration_apikey key JOIN integration_partner partner ON partner.id = key.partner_id
WHERE key.public_id = ANY(%s::text[]) AND key.state = 'live'
"""


class TooManyKeys(DomainError):
    code = "too_many_keys"
    text = _("A partner may have {limit} live keys at the most.")


class ScopeUnknown(DomainError):
    code = "scope_unknown"
    text = _("There is no scope “{scope}” here; there are: {known}.")


class AddressInvalid(DomainError):
    code = "address_invalid"
    text = _("“{address}” is no IP address or network such as 203.0.113.7 or 203.0.113.0/24.")


@dataclass(frozen=True)
class NewKey:
    """A key with its secret in the clear, for the one time it is shown."""

    key: ApiKey
    secret: str


@dataclass(frozen=True)
class Credentials:
    """What a signature is checked against: the key, its partner, and the secrets that still work."""

    key_pk: int
    public_id: str
    partner_pk: int
    side: str
    scopes: tuple[str, ...]
    secrets: tuple[bytes, ...]
    networks: tuple[str, ...]
    former_until: datetime | None

    def live_secrets(self, at: datetime) -> tuple[bytes, ...]:
        """Return the newest secret, and the former one while it still works."""
        former_works = self.former_until is not None and at < self.former_until
        return self.secrets if former_works else self.secrets[:1]

    def may_call_from(self, address: str) -> bool:
        """Tell whether the partner's list, where it has one, holds the address."""
        return not self.networks or is_within(address, self.networks)


@transaction.atomic
def create(
    *, partner: Partner, at: datetime, name: str = "", scopes: Sequence[str] | None = None
) -> NewKey:
    """Make a key; all scopes of its side where none are named.

    :raises TooManyKeys: the partner has its full number of live keys.
    :raises ScopeUnknown: the side has no such scope.
    """
    known = SCOPES[Side(partner.side)]
    for scope in scopes or ():
        if scope not in known:
            raise ScopeUnknown(scope=scope, known=", ".join(known))
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if partner.keys.filter(state=KeyState.LIVE).count() >= MAX_LIVE_KEYS:
        raise TooManyKeys(limit=MAX_LIVE_KEYS)
    secret = _new_secret()
    key = ApiKey.objects.create(
        partner=partner,
        public_id="hpk_" + secrets.token_hex(10),
        name=name,
        scopes=list(scopes or known),
        secret_sealed=sealing.seal(secret),
        secret_last4=secret[-4:],
        created_at=at,
    )
    return NewKey(key, secret)


@transaction.atomic
def rotate(*, key_pk: int, partner: Partner, at: datetime) -> NewKey:
    """Give a key a new secret; the one before works on for the policy's hours.

    :raises NotFound: the partner has no such live key.
    """
    key = _locked(key_pk, partner)
    secret = _new_secret()
    key.former_secret_sealed = key.secret_sealed
    key.former_until = at + timedelta(hours=policies.read().second_secret_hours)
    key.secret_sealed = sealing.seal(secret)
    key.secret_last4 = secret[-4:]
    key.save()
    return NewKey(key, secret)


@transaction.atomic
def revoke(*, key_pk: int, partner: Partner, at: datetime, reason: str = "") -> ApiKey:
    """End a key for good; within 5 seconds nothing accepts it any more.

    :raises NotFound: the partner has no such live key.
    """
    key = _locked(key_pk, partner)
    key.revoke()
    key.revoked_at = at
    key.revoked_reason = reason
    key.save()
    return key


@transaction.atomic
def bind_addresses(*, partner: Partner, addresses: Sequence[str]) -> Partner:
    """Let the partner call only from these addresses and networks; from anywhere if there are none.

    :raises AddressInvalid: one of them cannot be read.
    """
    networks = [_network(address) for address in addresses][:MAX_ADDRESSES]
    partner = Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    partner.allowed_addresses = list(dict.fromkeys(networks))
    partner.save(update_fields=["allowed_addresses"])
    return partner


def credentials(public_ids: Collection[str]) -> dict[str, Credentials]:
    """Return what signatures by these keys are checked against; a key that signs nothing is left out."""
    rows = bulk.query(_CREDENTIALS, [bulk.array(public_ids)], planned=True)
    return {row[1]: _credentials(*row) for row in rows}


def secrets_of(key: ApiKey, at: datetime) -> tuple[bytes, ...]:
    """Return the secrets that a key signs with: the newest, and the former one while it works."""
    sealed = [key.secret_sealed]
    if key.former_secret_sealed is not None and key.former_until and at < key.former_until:
        sealed.append(key.former_secret_sealed)
    return tuple(sealing.unseal(one).encode() for one in sealed)


def note_uses(uses: Mapping[int, tuple[str, datetime]]) -> None:
    """Remember when, and from which address, keys last signed."""
    pks = sorted(uses)
    bulk.update(
        "integration_apikey",
        pks,
        {
            "last_used_address": ("inet", [uses[pk][0] or None for pk in pks]),
            "last_used_at": ("timestamptz", [uses[pk][1] for pk in pks]),
        },
    )


def is_within(address: str, networks: Sequence[str]) -> bool:
    """Tell whether an address lies in one of the networks; IPv4 may come mapped into IPv6."""
    try:
        seen = ip_address(address)
    except ValueError:
        return False
    seen = getattr(seen, "ipv4_mapped", None) or seen
    return any(seen in ip_network(network) for network in networks)


def _credentials(
    key_pk: int,
    public_id: str,
    partner_pk: int,
    side: str,
    scopes: Sequence[str],
    secret: bytes | memoryview,
    former: bytes | memoryview | None,
    networks: Sequence[str],
    former_until: datetime | None,
) -> Credentials:
    sealed = [secret] if former is None else [secret, former]
    return Credentials(
        key_pk=key_pk,
        public_id=public_id,
        partner_pk=partner_pk,
        side=side,
        scopes=tuple(scopes),
        secrets=tuple(sealing.unseal(one).encode() for one in sealed),
        networks=tuple(networks),
        former_until=former_until,
    )


def _locked(key_pk: int, partner: Partner) -> ApiKey:
    key = (
        ApiKey.objects.select_for_update(no_key=True)
        .filter(pk=key_pk, partner=partner, state=KeyState.LIVE)
        .first()
    )
    if key is None:
        raise NotFound
    return key


def _new_secret() -> str:
    return "hps_" + secrets.token_urlsafe(36)


def _network(address: str) -> str:
    try:
        return str(ip_network(address.strip(), strict=False))
    except ValueError:
        raise AddressInvalid(address=address) from None
