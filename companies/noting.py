"""Notes of the platform's people about a company, for colleagues; what was written stays."""

from datetime import datetime

from django.db import transaction

from companies.models import Company, CompanyNote
from kit.actors import Actor
from kit.errors import NotFound

MAX_TEXT = 1_000


@transaction.atomic(durable=True)
def write(*, company_pk: int, text: str, actor: Actor, at: datetime) -> CompanyNote:
    """Write down a note about a company.

    :raises NotFound: there is no such company.
    """
    company = Company.objects.filter(pk=company_pk).first()
    if company is None:
        raise NotFound
    return CompanyNote.objects.create(
        company=company, text=text[:MAX_TEXT], written_by=str(actor), written_at=at
    )
