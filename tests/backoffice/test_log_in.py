"""Log-in: by password, with an optional second step, cut off after five wrong guesses."""

import re

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client

from backoffice import security
from companies.models import Person
from tests.factories import make_distributor, make_supplier
from tests.people import PASSWORD, log_in_by_password, make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def attempt(client: Client, person: Person, password: str) -> int:
    answer = client.post("/accounts/login/", {"login": person.email, "password": password})
    return answer.status_code


def code_of(secret: str) -> str:
    """The code that an authenticator app shows now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def turn_on_second_step(client: Client) -> tuple[str, list[str]]:
    """Turn it on for whoever is logged in; return the app's secret and the recovery codes."""
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r'class="secret">([A-Z2-7]+)<', page)
    assert found is not None, page
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(found[1])})
    assert answer.status_code == 302
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    return found[1], re.findall(r"<li><code>(\w+)</code></li>", codes)


def test_everybody_is_led_to_their_own_door() -> None:
    supplier, shop = make_supplier(), make_distributor(deposit_fen=0)
    staff = Person.objects.create_superuser("staff@example.com", PASSWORD)
    nobody = Person.objects.create_user("nobody@example.com", PASSWORD)

    doors = {
        who.email: log_in_by_password(who).get("/").headers.get("location")
        for who in (make_person(supplier.company), make_person(shop.company), staff, nobody)
    }

    assert list(doors.values()) == ["/supplier/", "/portal/", "/admin/", None]


def test_nobody_signs_up() -> None:
    client = Client()

    assert client.get("/accounts/signup/").status_code == 404
    assert "/accounts/signup" not in client.get("/accounts/login/").content.decode()


def test_the_log_in_page_is_chinese_unless_the_reader_prefers_english() -> None:
    chinese = Client().get("/accounts/login/").content.decode()
    english = Client(headers={"accept-language": "en"}).get("/accounts/login/").content.decode()

    assert 'lang="zh-CN"' in chinese
    assert "<h1>登录</h1>" in chinese
    assert "<h1>Log in</h1>" in english


def test_the_language_can_be_switched_and_stays() -> None:
    client = Client()

    client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"})

    assert "<h1>Log in</h1>" in client.get("/accounts/login/").content.decode()


def test_after_five_wrong_passwords_the_right_one_is_refused_too() -> None:
    person = make_person(make_supplier().company)
    client = Client(headers={"accept-language": "en"})
    wrong = [attempt(client, person, "wrong password!") for _ in range(5)]

    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})

    assert wrong == [200] * 5
    assert answer.status_code == 200
    assert "Too many failed login attempts" in answer.content.decode()
    assert client.get("/supplier/").status_code == 302


def test_four_wrong_passwords_are_forgiven() -> None:
    person = make_person(make_supplier().company)
    client = Client()
    for _ in range(4):
        attempt(client, person, "wrong password!")

    assert attempt(client, person, PASSWORD) == 302


def test_a_wrong_address_and_a_wrong_password_read_the_same() -> None:
    person = make_person(make_supplier().company)
    client = Client(headers={"accept-language": "en"})

    def told(email: str) -> list[str]:
        answer = client.post("/accounts/login/", {"login": email, "password": "wrong password!"})
        return re.findall(r'role="alert">([^<]+)<', answer.content.decode())

    assert told(person.email) == told("nobody@example.com") != []


def test_with_the_second_step_a_password_alone_opens_nothing() -> None:
    person = make_person(make_supplier().company)
    secret, _codes = turn_on_second_step(log_in_by_password(person))
    cache.clear()  # the code that was just used is not used again
    client = Client()

    attempt(client, person, PASSWORD)

    assert client.get("/supplier/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.get("/supplier/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/supplier/").status_code == 200


def test_a_recovery_code_opens_once() -> None:
    person = make_person(make_supplier().company)
    _secret, codes = turn_on_second_step(log_in_by_password(person))
    opened = []

    for _ in range(2):
        client = Client()
        attempt(client, person, PASSWORD)
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        opened.append(client.get("/supplier/").status_code)

    assert len(codes) == 10
    assert opened == [200, 302]


def test_the_second_step_can_be_turned_off_again() -> None:
    person = make_person(make_supplier().company)
    client = log_in_by_password(person)
    turn_on_second_step(client)

    client.post("/accounts/2fa/totp/deactivate/")

    assert log_in_by_password(person).get("/supplier/").status_code == 200


def test_a_changed_password_is_the_only_one() -> None:
    person = make_person(make_supplier().company)
    client = log_in_by_password(person)
    new = "battery horse correct"

    answer = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )

    assert answer.status_code == 302
    assert attempt(Client(), person, PASSWORD) == 200
    assert attempt(Client(), person, new) == 302


@pytest.mark.parametrize("weak", ["eleven-char", "1q2w3e4r5t6y"])
def test_a_weak_password_is_refused(weak: str) -> None:
    person = make_person(make_supplier().company)
    client = log_in_by_password(person)

    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": weak, "password2": weak},
    )

    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_logging_out_needs_a_post_and_ends_the_session() -> None:
    client = log_in_by_password(make_person(make_supplier().company))

    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/supplier/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/supplier/").status_code == 302


def test_somebody_who_is_locked_out_by_the_platform_cannot_go_on() -> None:
    person = make_person(make_supplier().company)
    client = log_in_by_password(person)

    Person.objects.filter(pk=person.pk).update(is_active=False)

    assert client.get("/supplier/").status_code == 302
    again = Client()
    attempt(again, person, PASSWORD)
    assert again.get("/supplier/").status_code == 302


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/supplier/", "/portal/", "/team/", "/", "/join/x/"]
)
def test_pages_of_people_are_not_kept_not_framed_and_load_nothing_from_outside(path: str) -> None:
    headers = Client().get(path).headers

    assert headers["Content-Security-Policy"] == security.POLICY
    assert "unsafe" not in security.POLICY
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
