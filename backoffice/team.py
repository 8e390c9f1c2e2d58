"""The people of a company: its members and invitations, whichever role it acts in."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice import access
from backoffice.forms import InvitationForm
from companies import acting, joining
from companies.joining import NewInvitation
from companies.models import Company, InvitationState
from kit.errors import DomainError, NotFound


@login_required
def team(request: HttpRequest) -> HttpResponse:
    """Show who belongs to the company, and who is invited."""
    return _page(request, _role(request), InvitationForm())


@login_required
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the link is shown this once, and mailed."""
    role = _owner_role(request)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, role, form)
    return _invite(request, role, form.cleaned_data["email"], form.cleaned_data["role"], form)


@login_required
@require_POST
def resend_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back and send a new one to the same address."""
    role = _owner_role(request)
    company = acting.company_of(role)
    earlier = company.invitations.filter(pk=pk, state=InvitationState.OPEN).first()
    if earlier is None:
        raise Http404
    return _invite(request, role, earlier.email, earlier.role, InvitationForm())


@login_required
@require_POST
def revoke_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    company = acting.company_of(_owner_role(request))
    try:
        joining.revoke(company=company, invitation_pk=pk)
    except NotFound:
        raise Http404 from None
    messages.success(request, _("The invitation has been taken back."))
    return redirect("team")


@login_required
@require_POST
def remove_member(request: HttpRequest, pk: int) -> HttpResponse:
    """End a membership."""
    company = acting.company_of(_owner_role(request))
    try:
        joining.remove(company=company, membership_pk=pk)
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        access.tell(request, refusal)
    else:
        messages.success(request, _("The member has been removed."))
    return redirect("team" if _is_member(request, company) else "home")


def _invite(
    request: HttpRequest, role: acting.Acting, email: str, as_role: str, form: InvitationForm
) -> HttpResponse:
    try:
        new = joining.invite(
            company=acting.company_of(role),
            email=email,
            role=as_role,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except DomainError as refusal:
        form.add_error("email" if form.is_bound else None, str(refusal))
        return _page(request, role, form)
    link = settings.PUBLIC_URL.rstrip("/") + reverse("join", args=[new.token])
    _mail(new, link)
    return _page(request, role, InvitationForm(), new=new, link=link)


def _mail(new: NewInvitation, link: str) -> None:
    company = new.invitation.company.name
    send_mail(
        _("{company} invites you to Huopan").format(company=company),
        _("{company} invites you. Set your name and password here:\n\n{link}\n").format(
            company=company, link=link
        ),
        None,
        [new.invitation.email],
        # The link is on the screen too; a mail server that is away must not lose it.
        fail_silently=True,
    )


def _page(
    request: HttpRequest,
    role: acting.Acting,
    form: InvitationForm,
    *,
    new: NewInvitation | None = None,
    link: str = "",
) -> HttpResponse:
    company = acting.company_of(role)
    context = {
        "company": company,
        "is_owner": role.owner,
        "members": company.memberships.select_related("person").order_by("pk"),
        "invitations": company.invitations.filter(state=InvitationState.OPEN).order_by("-pk"),
        "form": form,
        "new": new,
        "link": link,
        "now": timezone.now(),
    }
    return render(request, "backoffice/team.html", context)


def _role(request: HttpRequest) -> acting.Acting:
    role = acting.current(request)
    if role is None:
        raise Http404
    return role


def _owner_role(request: HttpRequest) -> acting.Acting:
    role = _role(request)
    if not role.owner:
        raise PermissionDenied
    return role


def _is_member(request: HttpRequest, company: Company) -> bool:
    return company.memberships.filter(person=access.person_of(request)).exists()
