"""In which role somebody acts: one company on one side at a time; rights are never added up.

The session remembers it. Where a session begins, it is the role last used anywhere. Whoever is
narrowed to some of a supplier's work has no role on the company's other side.
"""

from dataclasses import dataclass

from django.http import HttpRequest

from companies.models import Company, Person, Role
from kit.errors import NotFound

SESSION_KEY = "acting"
SUPPLIER = "supplier"
DISTRIBUTOR = "distributor"


@dataclass(frozen=True)
class Acting:
    """One role of somebody: a company they are a member of, on one of its sides."""

    company_pk: int
    company_name: str
    company_number: str
    side: str
    owner: bool
    # Looks, and changes nothing.
    reader: bool
    # A supplier's work that this is narrowed to; None: all of it.
    duties: frozenset[str] | None
    two_factor_required: bool
    # Somebody of the platform, who sees what an owner sees (`companies.seeing_as`).
    visiting: bool = False

    @property
    def key(self) -> str:
        """What a form, the session and the person's row name it by."""
        return f"{self.company_number}/{self.side}"


def roles_of(person: Person) -> list[Acting]:
    """Return every role that somebody may act in, in a stable order."""
    rows = (
        person.memberships.filter(company__partners__isnull=False)
        .order_by("company__name", "company_id", "company__partners__side")
        .values_list(
            "company_id",
            "company__name",
            "company__number",
            "company__partners__side",
            "role",
            "duties",
            "company__two_factor_required",
        )
    )
    return [
        Acting(
            pk,
            name,
            number,
            side,
            owner=role == Role.OWNER,
            reader=role == Role.READER,
            duties=frozenset(duties) if duties else None,
            two_factor_required=two_factor_required,
        )
        for pk, name, number, side, role, duties, two_factor_required in rows
        if side == SUPPLIER or not duties
    ]


def current(request: HttpRequest) -> Acting | None:
    """Return the role the logged-in person acts in now; None if they have none (any more)."""
    known = roles(request)
    wanted = request.session.get(SESSION_KEY) or _last_of(request)
    return next((role for role in known if role.key == wanted), known[0] if known else None)


def roles(request: HttpRequest) -> list[Acting]:
    """Return the roles of the logged-in person, read once a request."""
    person = request.user
    if not isinstance(person, Person):
        return []
    found: list[Acting] | None = getattr(request, "_roles", None)
    if found is None:
        found = roles_of(person)
        request._roles = found  # type: ignore[attr-defined]
    return found


def switch(request: HttpRequest, key: str) -> Acting:
    """Act in another role from now on.

    :raises NotFound: the person has no such role.
    """
    role = next((role for role in roles(request) if role.key == key), None)
    if role is None:
        raise NotFound
    request.session[SESSION_KEY] = role.key
    assert isinstance(request.user, Person)
    Person.objects.filter(pk=request.user.pk).update(last_role=role.key)
    return role


def prefer(person: Person, company: Company) -> None:
    """Let somebody's next session begin in a role of this company."""
    role = next((role for role in roles_of(person) if role.company_pk == company.pk), None)
    if role is not None:
        Person.objects.filter(pk=person.pk).update(last_role=role.key)


def visit(request: HttpRequest, role: Acting) -> None:
    """Let a request see the pages of one role and of no other, whoever is logged in."""
    request._roles = [role]  # type: ignore[attr-defined]


def company_of(role: Acting) -> Company:
    """Return the company of a role."""
    return Company.objects.get(pk=role.company_pk)


def _last_of(request: HttpRequest) -> str:
    return request.user.last_role if isinstance(request.user, Person) else ""
