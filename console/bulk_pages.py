"""Pages of what is done to many things: first how many it will be, then each row with its result."""

import csv
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console import doing_many, records
from console.doing_many import Subject
from console.models import BulkJob, RowResult
from console.pages import Decision, Page
from kit import spreadsheets
from kit.errors import NotFound

JOBS_SHOWN = 50
ROWS_SHOWN = 200
REFRESH_SECONDS = "2"


def job_of(pk: int) -> BulkJob:
    """Return a job as it is now.

    :raises NotFound: there is none.
    """
    found = BulkJob.objects.select_related("person").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class BulkDecision(Decision):
    """A deed to many: a first POST answers how many it will be, a second one that agrees does it.

    What is meant stands in the address, so that it is the same on both. If meanwhile it has become
    another number, nothing is done, and the number is said anew.
    """

    template_name = "console/bulk_decision.html"
    # As `doing_many.DEEDS` knows it; also the act in the records.
    job: BulkJob | None = None
    filled: forms.Form | None = None
    nothing: ClassVar[Any] = _("Nothing is chosen.")

    def subjects(self) -> list[Subject]:
        """Return what is meant."""
        raise NotImplementedError

    def extent(self, subjects: list[Subject]) -> str:
        """Say how many it will be."""
        raise NotImplementedError

    def given(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what the deed is given, as plain values."""
        return values

    def home(self) -> str:
        """Return where to go when nothing was begun."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say how many it will be; or do it, where that was agreed to."""
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(self.around(form), status=422)
        subjects = self.subjects()
        if not subjects or request.POST.get("sure") != str(len(subjects)):
            return self.show(self.around(form) | {"sure": str(len(subjects))})
        return super().post(request, *args, **kwargs)

    def form(self, data: Any = None) -> forms.Form:
        self.filled = super().form(data)
        return self.filled

    def around(self, form: forms.Form) -> dict[str, Any]:
        subjects = self.subjects()
        return {
            **super().around(form),
            "extent": self.extent(subjects) if subjects else self.nothing,
            "count": len(subjects),
            # Where nothing is to be filled in, the number is said already.
            "sure": "" if form.fields else str(len(subjects) or ""),
            "limit": doing_many.MAX_ROWS,
            "sample": subjects[:10],
        }

    def decide(self, values: dict[str, Any]) -> str:
        assert self.filled is not None
        self.job = doing_many.begin(
            deed=self.act,
            subjects=self.subjects(),
            values=self.given(values),
            shown=records.shown(self.filled),
            person=self.person,
            at=timezone.now(),
        )
        if self.job.ended_at is None:
            return gettext("It is being done; this page shows how far it is.")
        return summary(self.job)

    def after(self) -> str:
        return reverse("console:bulk_job", args=[self.job.pk]) if self.job else self.home()


def summary(job: BulkJob) -> str:
    """Say what came of a job."""
    counts = job.counts
    words = ngettext(
        "{done} of {count} done, {unchanged} unchanged, {refused} refused.",
        "{done} of {count} done, {unchanged} unchanged, {refused} refused.",
        job.row_count,
    )
    return words.format(
        count=job.row_count,
        done=counts.get(RowResult.DONE, 0),
        unchanged=counts.get(RowResult.UNCHANGED, 0),
        refused=counts.get(RowResult.REFUSED, 0),
    )


def title_of(job: BulkJob) -> str:
    """Name what a job does."""
    return str(doing_many.DEEDS[job.deed].title)


class BulkJobsPage(Page):
    """What was done to many things, newest first."""

    right = "console.see_goods"
    template_name = "console/bulk_jobs.html"
    title = _("Done to many")

    def context(self) -> dict[str, Any]:
        jobs = BulkJob.objects.select_related("person").order_by("-pk")[:JOBS_SHOWN]
        return {
            "jobs": [(job, title_of(job), summary(job)) for job in jobs],
            "days": doing_many.KEPT_DAYS,
        }


class BulkJobPage(Page):
    """One job: how far it is, and what came of each row, refused ones first."""

    right = "console.see_goods"
    template_name = "console/bulk_job.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page; while a worker is at the job, it is read anew by itself."""
        answer = super().get(request, *args, **kwargs)
        if job_of(self.kwargs["pk"]).ended_at is None:
            answer["Refresh"] = REFRESH_SECONDS
        return answer

    def heading(self) -> str:
        return title_of(job_of(self.kwargs["pk"]))

    def context(self) -> dict[str, Any]:
        job = job_of(self.kwargs["pk"])
        result = self.request.GET.get("result", "")
        rows = job.rows.order_by("place")
        if result in RowResult.values:
            rows = rows.filter(result=result)
        elif job.counts.get(RowResult.REFUSED):
            result, rows = RowResult.REFUSED, rows.filter(result=RowResult.REFUSED)
        return {
            "job": job,
            "counts": [
                (key, label, job.counts.get(key, 0), key == result)
                for key, label in RowResult.choices
                if key != RowResult.LEFT or job.counts.get(key)
            ],
            "rows": [(row, doing_many.said(row)) for row in rows[:ROWS_SHOWN]],
            "shown": ROWS_SHOWN,
            "may_cancel": self.person.has_perm(doing_many.DEEDS[job.deed].right),
        }


class RefusedRows(Page):
    """The rows of a job that came to nothing, with the reasons, as a file."""

    right = "console.see_goods"
    title = _("Rows that were refused")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Send it."""
        job = job_of(kwargs["pk"])
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="refused-{job.pk}.csv"'
        answer.write("\ufeff")  # by which spreadsheets know UTF-8
        writer = csv.writer(answer)
        writer.writerow([gettext("What"), gettext("Reason")])
        for row in job.rows.filter(result__in=[RowResult.REFUSED, RowResult.LEFT]).order_by(
            "place"
        ):
            writer.writerow(
                [spreadsheets.neutral(row.label), spreadsheets.neutral(doing_many.said(row))]
            )
        return answer


class CancelBulkJob(Decision):
    """Do no more of a job."""

    right = "console.see_goods"
    act = "cancel_bulk_job"
    title = _("Stop it")
    explanation = _("What is not done yet is left as it is; what is done stays.")
    dangerous = True

    def subject(self) -> BulkJob:
        return job_of(self.kwargs["pk"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Stop it, with the right to do what it does."""
        self.require(doing_many.DEEDS[self.subject().deed].right)
        return super().post(request, *args, **kwargs)

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        doing_many.cancel(job_pk=self.kwargs["pk"], actor=self.actor, at=timezone.now())
        return gettext("It is stopped.")

    def after(self) -> str:
        return reverse("console:bulk_job", args=[self.kwargs["pk"]])
