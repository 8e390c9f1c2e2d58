"""Visits: kept as long as a policy says, and until then by the database, too."""

from datetime import timedelta

import pytest
from django.db import InternalError

from companies import policies, seeing_as
from companies.models import Visit, VisitedPage
from kit.actors import OPERATIONS
from tests.console.staff import make_staff
from tests.factories import NOON, make_supplier

pytestmark = pytest.mark.django_db(transaction=True)


def test_visits_are_forgotten_after_the_days_of_the_policy_and_by_nobody_before() -> None:
    supplier, staff = make_supplier(), make_staff()
    policies.decide(name="visits_kept_days", value=100, actor=OPERATIONS, at=NOON)
    for days in (101, 99):
        begun = NOON - timedelta(days=days)
        visit = seeing_as.begin(
            company_pk=supplier.company_id, side="supplier", person=staff, reason="x", at=begun
        )
        seeing_as.note(visit=visit, path=f"/{days}/", refused=False, at=begun)

    with pytest.raises(InternalError, match="Cannot update or delete"):
        VisitedPage.objects.all().delete()
    assert seeing_as.forget(at=NOON) == 1
    assert seeing_as.forget(at=NOON) == 0

    assert [one.path for one in VisitedPage.objects.all()] == ["/99/"]
    assert Visit.objects.get().began_at == NOON - timedelta(days=99)
