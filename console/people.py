"""Staff and groups: who may log in here, and what each group may do."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies import policies, requiring, staffing
from companies.models import Person
from companies.opening import FirstPerson
from console import records, rights
from console.pages import Decision, Page, hand_over
from kit.errors import NotFound

MAX_STAFF = 500


class PeoplePage(Page):
    """The platform's people, and the groups that give them their rights."""

    right = "console.manage_people"
    template_name = "console/people.html"
    title = _("Staff and groups")

    def context(self) -> dict[str, Any]:
        staff = Person.objects.filter(is_staff=True).prefetch_related("groups").order_by("email")
        groups = Group.objects.prefetch_related("permissions").order_by("pk")
        return {
            "second_step": requiring.with_two_factor([one.pk for one in staff[:MAX_STAFF]]),
            "people": [
                (one, [rights.title(group.name) for group in one.groups.all()])
                for one in staff[:MAX_STAFF]
            ],
            "groups": [(one, rights.title(one.name), _rights(one)) for one in groups],
            "me": self.person,
        }


def _rights(group: Group) -> list[str]:
    given = {permission.codename for permission in group.permissions.all()}
    return [str(words) for code, words in rights.RIGHTS.items() if code in given]


class GroupChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Groups by what they are called."""

    def label_from_instance(self, obj: Group) -> str:
        return rights.title(obj.name)


def _groups() -> GroupChoice:
    return GroupChoice(
        Group.objects.order_by("pk"),
        label=_("Groups"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class StaffForm(forms.Form):
    """Somebody new."""

    email = forms.EmailField(label=_("E-mail"))
    name = forms.CharField(label=_("Name"), max_length=60)
    groups = _groups()


class AboutStaff(Decision):
    """A decision about one of the platform's people; it ends on the list of them."""

    right = "console.manage_people"

    def subject(self) -> Person | None:
        found = Person.objects.filter(pk=self.kwargs["pk"], is_staff=True).first()
        if found is None:
            raise NotFound
        return found

    def after(self) -> str:
        return reverse("console:people")


class AddStaff(AboutStaff):
    """Open somebody."""

    act = "add_staff"
    title = _("Add somebody to the staff")
    form_class = StaffForm

    def subject(self) -> None:
        return None

    def decide(self, values: dict[str, Any]) -> HttpResponse:
        made = staffing.add(
            by=self.person,
            email=values["email"],
            name=values["name"],
            groups=list(values["groups"]),
            at=timezone.now(),
        )
        return _sheet(self, made)


class ChangeForm(forms.Form):
    """What may change."""

    name = forms.CharField(label=_("Name"), max_length=60)
    active = forms.BooleanField(label=_("may log in"), required=False)
    groups = _groups()


class ChangeStaff(AboutStaff):
    """Change groups, or shut somebody out."""

    act = "change_staff"
    title = _("Change somebody's groups")
    form_class = ChangeForm

    def initial(self) -> dict[str, Any]:
        person = self.subject()
        assert person is not None
        groups = list(person.groups.values_list("pk", flat=True))
        return {"name": person.name, "active": person.is_active, "groups": groups}

    def decide(self, values: dict[str, Any]) -> str:
        done = staffing.change(
            by=self.person,
            person_pk=self.kwargs["pk"],
            name=values["name"],
            groups=list(values["groups"]),
            active=values["active"],
        )
        return gettext("“{person}” is changed.").format(person=done)


class NewPassword(AboutStaff):
    """Give somebody a new password."""

    act = "new_password"
    title = _("New password")
    explanation = _("The old password and every session of this person end at once.")
    dangerous = True

    def decide(self, values: dict[str, Any]) -> HttpResponse:  # noqa: ARG002
        return _sheet(self, staffing.new_password(by=self.person, person_pk=self.kwargs["pk"]))


class GroupForm(forms.Form):
    """A group with its rights."""

    name = forms.CharField(label=_("Name"), max_length=60)
    rights = forms.MultipleChoiceField(
        label=_("Rights"),
        choices=list(rights.RIGHTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class DefineGroup(Decision):
    """Add a group, or change its rights."""

    right = "console.manage_people"
    act = "group"
    title = _("Group")
    explanation = _("Whoever is in the group has these rights from the next page on.")
    form_class = GroupForm

    def subject(self) -> Group | None:
        if "pk" not in self.kwargs:
            return None
        found = Group.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return found

    def form(self, data: Any = None) -> forms.Form:
        """Groups that came with Huopan keep their names, which are shown in every language."""
        form = super().form(data)
        group = self.subject()
        if group is not None and group.name in rights.GROUPS:
            del form.fields["name"]
        return form

    def heading(self) -> str:
        group = self.subject()
        return f"{self.title} · {rights.title(group.name)}" if group else str(self.title)

    def around(self, form: forms.Form) -> dict[str, Any]:
        return {**super().around(form), "thing": None}

    def initial(self) -> dict[str, Any]:
        group = self.subject()
        if group is None:
            return {}
        return {
            "name": group.name,
            "rights": list(group.permissions.values_list("codename", flat=True)),
        }

    def decide(self, values: dict[str, Any]) -> str:
        known = self.subject()
        group = staffing.define_group(
            by=self.person,
            group_pk=known.pk if known else None,
            name=values.get("name") or (known.name if known else ""),
            permissions=list(rights.permissions(values["rights"])),
        )
        return gettext("The group “{name}” is set.").format(name=rights.title(group.name))

    def after(self) -> str:
        return reverse("console:people")


@dataclass(frozen=True)
class Granted:
    """A right as a row of the table: what it opens, and which groups have it."""

    words: str
    is_sensitive: bool
    acts: list[str]
    groups: list[tuple[str, bool]]


class RightsPage(Page):
    """The one table that draws the menu and guards every page: group by right."""

    right = "console.see_records"
    template_name = "console/rights.html"
    title = _("Table of rights")

    def context(self) -> dict[str, Any]:
        groups = list(Group.objects.prefetch_related("permissions").order_by("pk"))
        given = {
            group.pk: {permission.codename for permission in group.permissions.all()}
            for group in groups
        }
        return {
            "groups": [rights.title(group.name) for group in groups],
            "table": [
                Granted(
                    str(words),
                    code in rights.SENSITIVE,
                    list(dict.fromkeys(str(act) for act in rights.ACTS.get(code, {}).values())),
                    [(rights.title(group.name), code in given[group.pk]) for group in groups],
                )
                for code, words in rights.RIGHTS.items()
            ],
            "minutes": policies.read().confirm_again_minutes,
        }


class RecordsPage(Page):
    """What staff decided, newest first."""

    right = "console.see_records"
    template_name = "console/all_records.html"
    title = _("What staff decided")

    def context(self) -> dict[str, Any]:
        rows = LogEntry.objects.select_related("user").order_by("-pk")[: records.SHOWN * 2]
        return {"records": [records.read(row) for row in rows]}


def _sheet(page: Decision, made: FirstPerson) -> HttpResponse:
    return hand_over(
        page,
        title=_("Log-in of a colleague"),
        address=page.after(),
        facts=[
            (_("Log-in address"), settings.PUBLIC_URL.rstrip("/") + reverse("account_login")),
            (_("E-mail"), made.person.email),
            (_("Password (shown this once)"), made.password),
        ],
    )
