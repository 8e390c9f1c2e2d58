"""A supplier's papers: what the platform asks for, how far each has come, and handing one in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from backoffice import access
from backoffice.access import supplier_only
from companies import papers as files
from companies.application_forms import SHOWN_MEGABYTES, paper_field
from kit import downloads
from kit.errors import DomainError
from suppliers import checklist
from suppliers.checklist import Item
from suppliers.models import Paper, PaperKind, Supplier


class PaperForm(forms.Form):
    """One paper of a kind."""

    kind = forms.ChoiceField(choices=PaperKind.choices, widget=forms.HiddenInput)
    paper = paper_field(label=gettext_lazy("PDF or picture"), required=True)

    def clean_paper(self) -> Any:
        """Read the paper; a picture is encoded anew."""
        upload = self.cleaned_data["paper"]
        try:
            return files.read_upload(
                name=upload.name or "", content=upload.read(files.MAX_BYTES + 1)
            )
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal)) from None


@require_http_methods(["GET", "HEAD", "POST"])
@supplier_only
def papers(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the checklist of papers, and take one in."""
    form = None
    if request.method == "POST":
        form = PaperForm(request.POST, request.FILES, prefix=request.POST.get("of", "")[:24])
        if form.is_valid() and _hand_in(request, supplier, form):
            return redirect("supplier:papers")
    items = checklist.items(supplier)
    required = [item for item in items if item.required]
    context = {
        "rows": [(item, _form_of(item, form)) for item in items],
        "done": sum(item.done for item in required),
        "required": len(required),
        "limit_mb": SHOWN_MEGABYTES,
    }
    return access.shown(request, supplier, "papers.html", context)


@require_GET
@supplier_only
def file(request: HttpRequest, supplier: Supplier, paper_no: str) -> HttpResponse:  # noqa: ARG001
    """Download one of one's own papers."""
    found = Paper.objects.of(supplier).filter(paper_no=paper_no).first()
    if found is None:
        raise Http404
    content, kind = files.read(found.file)
    with content:
        return downloads.attachment(content.read(), kind, found.file_name)


def _hand_in(request: HttpRequest, supplier: Supplier, form: PaperForm) -> bool:
    try:
        done = checklist.hand_in(
            supplier=supplier,
            kind=form.cleaned_data["kind"],
            upload=form.cleaned_data["paper"],
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except DomainError as refusal:
        form.add_error("paper", str(refusal))
        return False
    messages.success(
        request,
        _("“{paper}” is handed in; the platform checks it.").format(paper=done.get_kind_display()),
    )
    return True


def _form_of(item: Item, sent: PaperForm | None) -> PaperForm:
    """Return the form for a kind: the one that was sent, where it was for this one."""
    if sent is not None and sent.prefix == item.kind.value:
        return sent
    return PaperForm(prefix=item.kind.value, initial={"kind": item.kind})
