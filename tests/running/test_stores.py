"""The tests' own ground: what a test commits is gone for the next one."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", ["first", "second"])
def test_what_a_test_commits_the_next_one_does_not_see(_time: str) -> None:
    assert not Session.objects.exists()

    Session.objects.create(session_key="a", session_data="", expire_date=timezone.now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", ["first", "second"])
def test_what_migrations_brought_comes_back_after_it_was_deleted(_time: str) -> None:
    assert Permission.objects.exists()

    Permission.objects.all().delete()


@pytest.mark.django_db
def test_huopan_is_no_superuser_of_its_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
