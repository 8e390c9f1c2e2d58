"""Photos that a distributor's people add to cases and claims, and those that they may see."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from aftersales import evidence
from aftersales.models import Evidence
from distributors.models import Distributor
from portal.access import distributor_only


@require_GET
@distributor_only
def photo(request: HttpRequest, distributor: Distributor, upload_id: str) -> HttpResponse:
    """Show a photo of a distributor, or of an inspection of its goods; `?small`: its thumbnail."""
    own = Q(distributor=distributor) | Q(inspection__case__distributor=distributor)
    found = Evidence.objects.filter(own, upload_id=upload_id).first()
    if found is None:
        raise Http404
    with evidence.read(found, small="small" in request.GET) as file:
        return HttpResponse(file.read(), content_type="image/jpeg")


def upload(distributor: Distributor, files: Sequence[Any], *, at: datetime) -> list[str]:
    """Keep what was chosen in a form; return by which an act names it. Refuses as `evidence.upload`."""
    return [
        evidence.upload(distributor=distributor, content=file.read(), at=at).upload_id
        for file in files
    ]
