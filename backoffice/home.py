"""The front door: sends everybody to the pages of their role, and lets them change it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backoffice import access
from companies import acting
from kit.errors import NotFound

DOORS = {acting.SUPPLIER: "supplier:home", acting.DISTRIBUTOR: "portal:home"}


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send members to their role, staff to the console, and tell others that they have none."""
    role = acting.current(request)
    if role is not None:
        return redirect(DOORS[role.side])
    if access.person_of(request).is_staff:
        return redirect("/admin/")
    return render(request, "backoffice/nowhere.html")


@login_required
@require_POST
def switch_role(request: HttpRequest) -> HttpResponse:
    """Act in another role from now on."""
    try:
        role = acting.switch(request, request.POST.get("role", ""))
    except NotFound:
        raise Http404 from None
    return redirect(DOORS[role.side])
