"""Notices that staff write to all suppliers."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from console import records
from console.pages import Decision, Page
from kit.errors import NotFound
from suppliers import noticing
from suppliers.models import Notice


class DayInput(forms.DateInput):
    """A day as browsers choose one."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class NoticeForm(forms.Form):
    """What to say, and for how long."""

    title = forms.CharField(label=_("Title"), max_length=noticing.MAX_TITLE)
    text = forms.CharField(
        label=pgettext_lazy("notice", "Text"),
        max_length=noticing.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    first_day = forms.DateField(
        label=_("Shown from"), required=False, widget=DayInput(), help_text=_("Empty: at once.")
    )
    last_day = forms.DateField(
        label=_("Shown until and including"),
        required=False,
        widget=DayInput(),
        help_text=_("Empty: until you take it back."),
    )


def notice(pk: int) -> Notice:
    """Return a notice.

    :raises NotFound: there is none.
    """
    found = Notice.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class NoticePage(Page):
    """A notice, and how many have put it away."""

    right = "console.see_companies"
    template_name = "console/notice.html"

    def heading(self) -> str:
        return notice(self.kwargs["pk"]).title

    def context(self) -> dict[str, Any]:
        found, now = notice(self.kwargs["pk"]), timezone.now()
        return {
            "notice": found,
            "is_over": found.shown_until is not None and found.shown_until <= now,
            "readers": found.put_away.count(),
            "records": records.about(found),
        }


class WriteNotice(Decision):
    """Say something to all suppliers."""

    right = "console.change_companies"
    act = "write_notice"
    title = _("Write a notice to suppliers")
    explanation = _("It stands on every supplier's start page until each person has put it away.")
    button = _("Publish it")
    form_class = NoticeForm

    def decide(self, values: dict[str, Any]) -> str:
        now = timezone.now()
        first, last = values["first_day"], values["last_day"]
        done = noticing.write(
            title=values["title"],
            text=values["text"],
            shown_from=_midnight(first) if first else now,
            shown_until=_midnight(last + timedelta(days=1)) if last else None,
            actor=self.actor,
            at=now,
        )
        return gettext("“{title}” is published.").format(title=done.title)

    def after(self) -> str:
        return reverse("admin:suppliers_notice_changelist")


class TakeNoticeBack(Decision):
    """Show it no more."""

    right = "console.change_companies"
    act = "take_notice_back"
    title = _("Take the notice back")
    explanation = _("Nobody sees it any more.")
    button = _("Take it back")
    dangerous = True

    def subject(self) -> Notice:
        return notice(self.kwargs["pk"])

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        done = noticing.take_back(notice_pk=self.kwargs["pk"], at=timezone.now())
        return gettext("“{title}” is not shown any more.").format(title=done.title)

    def after(self) -> str:
        return reverse("console:notice", args=[self.kwargs["pk"]])


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
