"""Pages of what is done to many things: first how many it will be, then each row with its result."""

import csv
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console import doing_many, records
from console.doing_many import Subject
from console.models import BulkJob, RowResult
from console.pages import Decision, Page
from kit import downloads, spreadsheets
from kit.errors import NotFound

JOBS_SHOWN = 50
ROWS_SHOWN = 200
REFRESH_SECONDS = "2"


def job_of(pk: int, *, see: str) -> BulkJob:
    """Return a job as it is now, of a deed that a right shows.

    :raises NotFound: there is none.
    """
    found = _jobs_of(see).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _jobs_of(see: str) -> QuerySet[BulkJob]:
    shown = [name for name, deed in doing_many.DEEDS.items() if deed.see == see]
    return BulkJob.objects.filter(deed__in=shown).select_related("person")


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
    # Where what came of it is shown.
    job_page: ClassVar[str] = "console:bulk_job"

    def subjects(self) -> list[Subject]:
        """Return what is meant."""
        raise NotImplementedError

    def extent(self, subjects: list[Subject]) -> str:
        """Say how many it will be."""
        raise NotImplementedError

    def given(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what the deed is given, as plain values."""
        return values

    def agreed(self, subjects: list[Subject]) -> str:
        """Return what somebody agrees to; if it has become something else, it is said anew."""
        return str(len(subjects))

    def home(self) -> str:
        """Return where to go when nothing was begun."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say how many it will be; or do it, where that was agreed to."""
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(self.around(form), status=422)
        subjects = self.subjects()
        agreed = self.agreed(subjects)
        if not subjects or request.POST.get("sure") != agreed:
            return self.show(self.around(form) | {"sure": agreed})
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
            "sure": "" if form.fields or not subjects else self.agreed(subjects),
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
        return reverse(self.job_page, args=[self.job.pk]) if self.job else self.home()


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
    job_page: ClassVar[str] = "console:bulk_job"
    hint: ClassVar[Any] = _(
        "Nothing yet. Find products under “Change many products”, or tick them in their list."
    )

    def context(self) -> dict[str, Any]:
        jobs = _jobs_of(self.right).order_by("-pk")[:JOBS_SHOWN]
        return {
            "jobs": [
                (job, title_of(job), summary(job), reverse(self.job_page, args=[job.pk]))
                for job in jobs
            ],
            "hint": self.hint,
            "days": doing_many.KEPT_DAYS,
        }


class BulkJobPage(Page):
    """One job: how far it is, and what came of each row, refused ones first."""

    right = "console.see_goods"
    template_name = "console/bulk_job.html"
    # Where all of them are, where the refused rows of one, and where one is stopped.
    jobs_page: ClassVar[str] = "console:bulk_jobs"
    refused_page: ClassVar[str] = "console:refused_rows"
    stop_page: ClassVar[str] = "console:cancel_bulk_job"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page; while a worker is at the job, it is read anew by itself."""
        answer = super().get(request, *args, **kwargs)
        if self.job().ended_at is None:
            answer["Refresh"] = REFRESH_SECONDS
        return answer

    def heading(self) -> str:
        return title_of(self.job())

    def job(self) -> BulkJob:
        """Return the job as it is now."""
        return job_of(self.kwargs["pk"], see=self.right)

    def context(self) -> dict[str, Any]:
        job = self.job()
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
            "filled": records.for_reader(job.shown),
            "all": reverse(self.jobs_page),
            "refused": reverse(self.refused_page, args=[job.pk]),
            "stop": self.stop(job),
        }

    def stop(self, job: BulkJob) -> str:
        """Return where somebody who may do so stops it."""
        may = self.person.has_perm(doing_many.DEEDS[job.deed].right)
        return reverse(self.stop_page, args=[job.pk]) if may and self.stop_page else ""


class RefusedRows(Page):
    """The rows of a job that came to nothing, with the reasons, as a file."""

    right = "console.see_goods"
    title = _("Rows that were refused")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Send it."""
        job = job_of(kwargs["pk"], see=self.right)
        answer = downloads.begun_csv(f"refused-{job.pk}.csv")
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
        return job_of(self.kwargs["pk"], see=self.right)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Stop it, with the right to do what it does."""
        self.require(doing_many.DEEDS[self.subject().deed].right)
        return super().post(request, *args, **kwargs)

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        doing_many.cancel(job_pk=self.kwargs["pk"], actor=self.actor, at=timezone.now())
        return gettext("It is stopped.")

    def after(self) -> str:
        return reverse("console:bulk_job", args=[self.kwargs["pk"]])
