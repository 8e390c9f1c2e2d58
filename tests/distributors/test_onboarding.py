"""Opening distributors, and deciding whether they may order."""

import json

import pytest
from django.core.management import CommandError, call_command

from companies import opening
from companies.models import Company, Person
from distributors import onboarding
from distributors.models import Distributor, Level
from integration import endpoints, keys
from integration.models import ApiKey, Endpoint
from kit.errors import NotFound, WrongState
from ledger import accounts
from tests.factories import NOON, make_distributor, make_level, make_supplier
from tests.people import make_person
from tests.races.racing import race

MOVES = {
    ("active", "suspended"),
    ("suspended", "active"),
    ("active", "closed"),
    ("suspended", "closed"),
}
STATES = ("active", "suspended", "closed")
ROADS = {"active": [], "suspended": ["suspended"], "closed": ["closed"]}


@pytest.mark.django_db
def test_a_distributor_is_opened_with_a_deposit_of_nothing_and_a_key_that_signs() -> None:
    opened = onboarding.open_distributor(name="云商城", level=make_level(), at=NOON)

    account = accounts.deposit_of(opened.distributor.pk)
    found = keys.credentials([opened.key.key.public_id]).get(opened.key.key.public_id)
    assert (account.balance_fen, account.available_fen) == (0, 0)
    assert found is not None
    assert found.secrets == (opened.key.secret.encode(),)
    assert opened.distributor.number.startswith("D")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_case", "fields", "refusal"),
    [
        (
            "a callback to nowhere",
            {"callback_url": "ftp://x.example/"},
            endpoints.CallbackAddressRefused,
        ),
        ("an address that is none", {"addresses": ["300.1.2.3"]}, keys.AddressInvalid),
    ],
)
def test_a_refused_part_opens_nothing(
    _case: str, fields: dict[str, object], refusal: type[Exception]
) -> None:
    level = make_level()

    with pytest.raises(refusal):
        onboarding.open_distributor(name="云商城", level=level, at=NOON, **fields)  # type: ignore[arg-type]

    assert not Distributor.objects.exists()
    assert not Company.objects.exists()
    assert not ApiKey.objects.exists()


@pytest.mark.django_db
def test_a_supplier_can_become_a_distributor_too_but_only_once() -> None:
    company = make_supplier().company
    level = make_level()

    onboarding.open_distributor(name="", company=company, level=level, at=NOON)

    with pytest.raises(opening.RoleTaken):
        onboarding.open_distributor(name="", company=company, level=level, at=NOON)
    assert Distributor.objects.filter(company=company).count() == 1


@pytest.mark.django_db(transaction=True)
def test_distributors_opened_at_the_same_moment_get_numbers_of_their_own() -> None:
    level = make_level()

    opened = race(lambda n: onboarding.open_distributor(name=f"云{n}", level=level, at=NOON), 4)

    assert len({one.distributor.number for one in opened}) == 4


@pytest.mark.django_db
@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_a_state_changes_with_its_reason_or_is_refused(before: str, after: str) -> None:
    shop = make_distributor(deposit_fen=0)
    for state in ROADS[before]:
        onboarding.change_state(distributor_pk=shop.pk, to=state, reason="earlier", at=NOON)

    if (before, after) in MOVES:
        changed = onboarding.change_state(
            distributor_pk=shop.pk, to=after, reason="no papers", at=NOON
        )
        assert (changed.state, changed.state_reason) == (after, "no papers")
        return

    with pytest.raises(WrongState):
        onboarding.change_state(distributor_pk=shop.pk, to=after, reason="no papers", at=NOON)
    shop.refresh_from_db()
    assert (shop.state, shop.state_reason != "no papers") == (before, True)


@pytest.mark.django_db
def test_the_state_of_nobody_cannot_be_changed() -> None:
    with pytest.raises(NotFound):
        onboarding.change_state(distributor_pk=-1, to="closed", reason="", at=NOON)


@pytest.mark.django_db
def test_the_command_opens_recharges_and_prints_everything_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_level(code="GOLD")

    call_command(
        "open_distributor", "云商城", "--level", "GOLD", "--deposit-fen", "100000",
        "--email", "owner@mall.example", "--callback-url", "http://127.0.0.1:9/hook",
        "--ip", "203.0.113.7", "--ip", "10.0.0.0/8", "--json",
    )  # fmt: skip

    facts = json.loads(capsys.readouterr().out)
    shop = Distributor.objects.get(number=facts["number"])
    credentials = keys.credentials([facts["key"]]).get(facts["key"])
    assert accounts.deposit_of(shop.pk).available_fen == 1_000_00
    assert credentials is not None
    assert credentials.secrets[0].decode() == facts["secret"]
    assert credentials.networks == ("203.0.113.7/32", "10.0.0.0/8")
    assert Endpoint.objects.get(partner=shop.partner).url == "http://127.0.0.1:9/hook"
    assert facts["callback_secret"].startswith("whsec_")
    assert Person.objects.get(email="owner@mall.example").check_password(facts["password"])


@pytest.mark.django_db
def test_the_command_takes_the_lowest_level_and_makes_one_where_there_is_none() -> None:
    call_command("open_distributor", "甲")
    standard = Level.objects.get()
    Level.objects.create(code="LOW", name="低", rank=0, fee_rate_bp=100, price_version=1)

    call_command("open_distributor", "乙")

    first, second = Distributor.objects.order_by("pk")
    assert (standard.fee_rate_bp, first.level) == (0, standard)
    assert second.level.code == "LOW"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_case", "arguments"),
    [
        ("no such level", ["甲", "--level", "NONE"]),
        ("a deposit below nothing", ["甲", "--deposit-fen", "-1"]),
        ("a deposit that is no number", ["甲", "--deposit-fen", "1e3"]),
        ("a deposit beyond reason", ["甲", "--deposit-fen", "99999999999999"]),
        ("an address that is none", ["甲", "--ip", "here"]),
        ("a callback to nowhere", ["甲", "--callback-url", "nowhere"]),
    ],
)
def test_the_command_refuses_nonsense_and_opens_nothing(_case: str, arguments: list[str]) -> None:
    make_level()

    with pytest.raises(CommandError):
        call_command("open_distributor", *arguments)

    assert not Distributor.objects.exists()


@pytest.mark.django_db
def test_a_person_who_has_a_log_in_elsewhere_is_refused() -> None:
    somebody = make_person(make_supplier().company)

    with pytest.raises(CommandError, match=somebody.email):
        call_command("open_distributor", "甲", "--email", somebody.email)

    assert not Distributor.objects.exists()
