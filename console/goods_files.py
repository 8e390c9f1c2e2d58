"""The platform's own goods by file: the act that suppliers use, by doors of the console."""

from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.pages import Decision, Page
from kit import downloads
from kit.columns import who
from kit.errors import NotFound
from supplychain import goods_sheets, import_files, import_jobs
from supplychain.goods_columns import HEADINGS
from supplychain.models import GoodsFile, GoodsFileState, RowOutcome

FILES_SHOWN = 50
ROWS_SHOWN = 100
REFRESH_SECONDS = "2"


def file_of(pk: int) -> GoodsFile:
    """Return a file of the platform's own goods as it is now.

    :raises NotFound: there is none.
    """
    found = GoodsFile.objects.of(None).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class GoodsFilesPage(Page):
    """The files of own goods, newest first."""

    right = "console.edit_products"
    template_name = "console/goods_files.html"
    title = _("Own goods by file")

    def context(self) -> dict[str, Any]:
        files = GoodsFile.objects.of(None).order_by("-pk")[:FILES_SHOWN]
        return {"files": files, "days": import_jobs.KEPT_DAYS}


class GoodsFilePage(Page):
    """One file: what would become of its rows, or became."""

    right = "console.edit_products"
    template_name = "console/goods_file.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page; while a job is at the file, it is read anew by itself."""
        answer = super().get(request, *args, **kwargs)
        if file_of(self.kwargs["pk"]).is_under_way:
            answer["Refresh"] = REFRESH_SECONDS
        return answer

    def heading(self) -> str:
        return file_of(self.kwargs["pk"]).name

    def context(self) -> dict[str, Any]:
        file = file_of(self.kwargs["pk"])
        refused = file.rows.filter(outcome=RowOutcome.REFUSED).order_by("line")[:ROWS_SHOWN]
        return {
            "file": file,
            "is_ready": file.state == GoodsFileState.CHECKED
            and file.counts.get(RowOutcome.REFUSED, 0) < file.row_count,
            "may_say": file.state in (GoodsFileState.MAPPING, GoodsFileState.CHECKED),
            "uploaded_by": who(file.uploaded_by),
            "counts": [(label, file.counts.get(key, 0)) for key, label in RowOutcome.choices],
            "rows": [
                (row, goods_sheets.reasons_of(row.errors))
                for row in (refused if not file.is_under_way else [])
            ],
            "shown": ROWS_SHOWN,
            "failure": goods_sheets.said({"said": file.failure}) if file.failure else "",
        }


class Download(Page):
    """A sheet that is sent."""

    right = "console.edit_products"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """Send it."""
        return self.sheet()

    def sheet(self) -> HttpResponseBase:
        """Return what is sent."""
        raise NotImplementedError


class GoodsTemplate(Download):
    """The workbook to fill in."""

    title = _("Template of goods")

    def sheet(self) -> HttpResponseBase:
        return downloads.attachment(goods_sheets.template(), downloads.XLSX, "goods.xlsx")


class ExportGoods(Download):
    """All own goods, to be edited and loaded again."""

    title = _("Export of own goods")

    def sheet(self) -> HttpResponseBase:
        return FileResponse(
            goods_sheets.as_workbook(None), as_attachment=True, filename="own-goods.xlsx"
        )


class RefusedGoods(Download):
    """The rows of a file that cannot be loaded, with the reasons."""

    title = _("Rows that cannot be loaded")

    def sheet(self) -> HttpResponseBase:
        file = file_of(self.kwargs["pk"])
        name = f"{file.import_no}.xlsx"
        return FileResponse(goods_sheets.refused(file), as_attachment=True, filename=name)


class GoodsFileForm(forms.Form):
    """A sheet of goods, and perhaps the pictures it names."""

    file = forms.FileField(
        label=_("Own goods (.xlsx or .csv)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    archive = forms.FileField(
        label=_("Pictures that the file names (.zip)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".zip"}),
    )


class UploadGoods(Decision):
    """Take a file of own goods in; nothing changes yet."""

    right = "console.edit_products"
    act = "upload_goods"
    title = _("Upload own goods")
    explanation = _(
        "Every row is checked first; nothing changes until you load the file. The same file again"
        " changes nothing."
    )
    form_class = GoodsFileForm
    taken: GoodsFile | None = None

    def decide(self, values: dict[str, Any]) -> str:
        self.taken = import_files.take_in(
            supplier=None,
            sheet=values["file"],
            archive=values["archive"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("The file is being read.")

    def after(self) -> str:
        if self.taken is None:
            return reverse("console:goods_files")
        return reverse("console:goods_file", args=[self.taken.pk])


class _OfFile(Decision):
    """A decision about one file."""

    right = "console.edit_products"

    def subject(self) -> GoodsFile:
        return file_of(self.kwargs["pk"])

    def about(self) -> dict[str, Any]:
        """Return how the acts name the file."""
        return {"supplier": None, "import_no": self.subject().import_no, "at": timezone.now()}

    def after(self) -> str:
        return reverse("console:goods_file", args=[self.kwargs["pk"]])


class LoadGoods(_OfFile):
    """Load the good rows of a file."""

    act = "load_goods"
    title = _("Load own goods")
    explanation = _("Rows that cannot be loaded are left out; the others go live at once.")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        import_files.confirm(**self.about(), actor=self.actor)
        return gettext("The file is being loaded.")


class CancelGoods(_OfFile):
    """Load nothing more of a file."""

    act = "cancel_goods_file"
    title = _("Cancel a file of own goods")
    explanation = _("Nothing more of it is loaded; what is loaded stays.")
    dangerous = True

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        import_files.cancel(**self.about())
        return gettext("The file is cancelled.")


class SayColumns(_OfFile):
    """Say what the columns of a file hold."""

    act = "say_goods_columns"
    title = _("What the columns of own goods hold")

    def form(self, data: Any = None) -> forms.Form:
        """Return a choice for each column."""
        file = self.subject()
        form = forms.Form(data)
        choices = [("", "—"), *HEADINGS.items()]
        for place, heading in enumerate(file.headings):
            form.fields[f"column_{place}"] = forms.ChoiceField(
                label=heading or f"{place + 1}",
                choices=choices,
                required=False,
                initial=file.columns[place] if place < len(file.columns) else "",
            )
        return form

    def decide(self, values: dict[str, Any]) -> str:
        columns = [values[f"column_{place}"] for place in range(len(values))]
        import_files.say_columns(**self.about(), columns=columns)
        return gettext("The file is being checked.")
