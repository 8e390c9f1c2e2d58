"""The people of a company: its members and invitations, whichever role it acts in."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice import access
from backoffice.access import members_only
from backoffice.forms import InvitationForm, RoleForm
from companies import acting, joining, requiring
from companies.acting import Acting
from companies.joining import NewInvitation
from companies.models import Company, InvitationState
from kit.errors import DomainError, NotFound


@require_GET
@members_only
def team(request: HttpRequest, role: Acting) -> HttpResponse:
    """Show who belongs to the company, and who is invited."""
    return _page(request, role)


@require_POST
@members_only
def invite(request: HttpRequest, role: Acting) -> HttpResponse:
    """Invite somebody; the link is shown this once, and mailed."""
    form = InvitationForm(request.POST, of_supplier=_is_supplier(role))
    if not form.is_valid():
        return _page(request, role, form=form)
    wanted = form.cleaned_data
    return _invite(request, role, wanted["email"], wanted["role"], wanted["duties"], form)


@require_POST
@members_only
def resend_invitation(request: HttpRequest, role: Acting, pk: int) -> HttpResponse:
    """Take an invitation back and send a new one to the same address."""
    company = acting.company_of(role)
    earlier = company.invitations.filter(pk=pk, state=InvitationState.OPEN).first()
    if earlier is None:
        raise Http404
    return _invite(request, role, earlier.email, earlier.role, earlier.duties, None)


@require_POST
@members_only
def revoke_invitation(request: HttpRequest, role: Acting, pk: int) -> HttpResponse:
    """Take an invitation back."""
    try:
        joining.revoke(company=acting.company_of(role), invitation_pk=pk)
    except NotFound:
        raise Http404 from None
    messages.success(request, _("The invitation has been taken back."))
    return redirect("team")


@require_POST
@members_only
def change_member(request: HttpRequest, role: Acting, pk: int) -> HttpResponse:
    """Give a member another role, or other work."""
    company = acting.company_of(role)
    form = RoleForm(request.POST, of_supplier=_is_supplier(role), prefix=f"member-{pk}")
    if not form.is_valid():
        return _page(request, role, changing={pk: form})
    try:
        joining.change_role(company=company, membership_pk=pk, **form.cleaned_data)
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, role, changing={pk: form})
    messages.success(request, _("The role has been changed."))
    return redirect("team")


@require_POST
@members_only
def remove_member(request: HttpRequest, role: Acting, pk: int) -> HttpResponse:
    """End a membership."""
    company = acting.company_of(role)
    try:
        joining.remove(company=company, membership_pk=pk)
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        access.tell(request, refusal)
    else:
        messages.success(request, _("The member has been removed."))
    return redirect("team" if _is_member(request, company) else "home")


@require_POST
@members_only
def require_two_factor(request: HttpRequest, role: Acting) -> HttpResponse:
    """Require the two-step log-in of everybody, or no longer."""
    required = request.POST.get("required") == "1"
    try:
        requiring.require_two_factor(
            company=acting.company_of(role), required=required, by=access.person_of(request)
        )
    except DomainError as refusal:
        access.tell(request, refusal)
    else:
        said = _("All log in in two steps now.") if required else _("A password is enough again.")
        messages.success(request, said)
    return redirect("team")


def _invite(
    request: HttpRequest,
    role: Acting,
    email: str,
    as_role: str,
    duties: list[str],
    form: InvitationForm | None,
) -> HttpResponse:
    try:
        new = joining.invite(
            company=acting.company_of(role),
            email=email,
            role=as_role,
            duties=duties,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except DomainError as refusal:
        if form is None:
            access.tell(request, refusal)
            return redirect("team")
        form.add_error("email", str(refusal))
        return _page(request, role, form=form)
    link = settings.PUBLIC_URL.rstrip("/") + reverse("join", args=[new.token])
    _mail(new, link)
    return _page(request, role, new=new, link=link)


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
    role: Acting,
    *,
    form: InvitationForm | None = None,
    changing: dict[int, RoleForm] | None = None,
    new: NewInvitation | None = None,
    link: str = "",
) -> HttpResponse:
    company = acting.company_of(role)
    context: dict[str, Any] = {
        "company": company,
        "is_owner": role.owner,
        "is_supplier": _is_supplier(role),
        "members": _members(company, role, changing or {}),
        "invitations": company.invitations.filter(state=InvitationState.OPEN).order_by("-pk"),
        "form": form or InvitationForm(of_supplier=_is_supplier(role)),
        "new": new,
        "link": link,
        "now": timezone.now(),
    }
    return render(request, "backoffice/team.html", context)


def _members(company: Company, role: Acting, changing: dict[int, RoleForm]) -> list[dict[str, Any]]:
    """Return each member with whether they have a second factor, and the form of their role."""
    members = list(company.memberships.select_related("person").order_by("pk"))
    secured = requiring.with_two_factor([member.person_id for member in members])
    return [
        {
            "member": member,
            "has_two_factor": member.person_id in secured,
            "form": changing.get(member.pk)
            or RoleForm(
                initial={"role": member.role, "duties": member.duties},
                of_supplier=_is_supplier(role),
                prefix=f"member-{member.pk}",
            ),
        }
        for member in members
    ]


def _is_supplier(role: Acting) -> bool:
    return role.side == acting.SUPPLIER


def _is_member(request: HttpRequest, company: Company) -> bool:
    return company.memberships.filter(person=access.person_of(request)).exists()
