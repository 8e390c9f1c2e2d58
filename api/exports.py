"""Catalogue files: everything that the caller sees, written by a job, fetched as one compressed file."""

from typing import Any

from django.http import FileResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, DateTimeField, IntegerField

from api import catalogue_examples, describing, fields
from api.answers import Answer
from api.fields import Flag, Shape
from api.orders import REPLAYED
from api.views import ApiView
from kit.times import rfc3339
from supplychain import exporting
from supplychain.models import CatalogueExport

GZIP = "application/gzip"


class ExportShape(Shape):
    """What to write."""

    in_full = Flag(
        default=False, help_text=_("With the detail page, as a single product is answered.")
    )


class ExportAnswer(Answer):
    """A catalogue file, and how far it has come."""

    export_id = CharField()
    state = CharField(help_text=_("queued, running, ready, failed, expired."))
    in_full = BooleanField()
    products = IntegerField(help_text=_("How many there will be; known once it is written."))
    written = IntegerField()
    size = IntegerField(help_text=_("Bytes, compressed."))
    sha256 = CharField(allow_blank=True, help_text=_("Of the compressed bytes; the file's ETag."))
    changes_after = IntegerField(
        allow_null=True, help_text=_("From here on /products/changes has what the file has not.")
    )
    events_after = IntegerField(allow_null=True, help_text=_("From here on /events does."))
    asked_at = DateTimeField()
    finished_at = DateTimeField(allow_null=True)
    expires_at = DateTimeField(allow_null=True, help_text=_("When it is deleted."))


class Exports(ApiView):
    """The caller's catalogue files."""

    scopes = {"POST": "goods"}

    @describing.operation(
        "catalogue_exports_ask",
        summary=_("Have your whole catalogue written to a file."),
        tag="goods",
        description=_(
            "Written by a job: ask for its state until it is ready, mostly within a minute. While "
            "one is under way, or was finished less than 10 minutes ago, you get that one."
        ),
        body=ExportShape,
        request_example={"in_full": False},
        answer=ExportAnswer,
        status=201,
        also={200: ExportAnswer},
        example=catalogue_examples.EXPORT_QUEUED,
    )
    def post(self, request: Request) -> Response:
        """Ask for a file, or get the one there is."""
        body = fields.read(ExportShape, request.data)
        export, new = exporting.ask(
            distributor=self.caller.distributor, in_full=body["in_full"], at=timezone.now()
        )
        if new:
            return Response(_document(export), 201)
        return Response(_document(export), 200, headers={REPLAYED: "true"})


class OneExport(ApiView):
    """A catalogue file."""

    scopes = {"GET": "goods"}

    @describing.operation(
        "catalogue_exports_read",
        summary=_("Read how far a catalogue file has come."),
        tag="goods",
        answer=ExportAnswer,
        example=catalogue_examples.EXPORT_READY,
    )
    def get(self, request: Request, export_id: str) -> Response:  # noqa: ARG002
        """Read state and progress."""
        found = exporting.find(distributor=self.caller.distributor, export_id=export_id)
        return Response(_document(found))


class ExportFile(ApiView):
    """What a catalogue file holds."""

    scopes = {"GET": "goods"}

    @describing.operation(
        "catalogue_exports_fetch",
        summary=_("Fetch a catalogue file."),
        tag="goods",
        description=_(
            "gzip of JSON lines in UTF-8, a product a line, all of one moment; kept for 7 days. "
            "If-None-Match with its ETag is answered 304."
        ),
        answer=OpenApiTypes.BINARY,
        media_type=GZIP,
        example=catalogue_examples.EXPORT_LINES,
        problems=("export_not_ready",),
    )
    def get(self, request: Request, export_id: str) -> HttpResponseBase:
        """Send the compressed lines as they were written."""
        export = exporting.find(distributor=self.caller.distributor, export_id=export_id)
        content = exporting.read(export)
        etag = f'"{export.sha256}"'
        assert export.finished_at is not None
        modified = int(export.finished_at.timestamp())
        unchanged = get_conditional_response(
            request._request, etag=etag, last_modified=modified, response=None
        )
        if unchanged is not None:
            content.close()
            return unchanged
        name = f"catalogue-{export.finished_at:%Y%m%d}.jsonl.gz"
        response = FileResponse(content, as_attachment=True, filename=name, content_type=GZIP)
        response["ETag"] = etag
        response["Last-Modified"] = http_date(modified)
        response["Cache-Control"] = "private, no-cache"
        return response


def _document(export: CatalogueExport) -> dict[str, Any]:
    return {
        "export_id": export.export_id,
        "state": export.state,
        "in_full": export.in_full,
        "products": export.products,
        "written": export.written,
        "size": export.size,
        "sha256": export.sha256,
        "changes_after": export.changes_after,
        "events_after": export.events_after,
        "asked_at": rfc3339(export.asked_at),
        "finished_at": rfc3339(export.finished_at),
        "expires_at": rfc3339(export.expires_at),
    }
