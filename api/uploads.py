"""Uploads: pictures for cases, claims and recharges. The body is the picture, which is signed, too."""

from collections.abc import Mapping
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales import evidence
from api import claim_examples, describing, parsing
from api.claim_answers import UploadAnswer
from api.orders import REPLAYED
from api.views import ApiView
from supplychain import pictures


class JpegParser(BaseParser):
    """Hands on a picture as it came; what it says it is counts for nothing."""

    media_type = "image/jpeg"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return its bytes.

        :raises ContentEncodingUnsupported: they are compressed.
        """
        parsing.refuse_encoded(parser_context)
        return stream.read()


class PngParser(JpegParser):
    """The same of another type."""

    media_type = "image/png"


class WebpParser(JpegParser):
    """The same of another type."""

    media_type = "image/webp"


class Uploads(ApiView):
    """The caller's pictures."""

    scopes = {"POST": "aftersales|money"}
    max_body_bytes = pictures.MAX_BYTES
    parser_classes = [JpegParser, PngParser, WebpParser]

    @describing.operation(
        "uploads_add",
        summary=_("Upload a picture."),
        tag="aftersales",
        description=_(
            "The body is the picture itself: JPEG, PNG or WebP, up to 5 MB, with its type in "
            "Content-Type. It is encoded anew, which drops where and when it was taken. Name the "
            "upload_id in one case, claim or recharge; what nothing names within 7 days is deleted. "
            "The same picture again, while nothing names it, has the same upload_id."
        ),
        pictures=tuple(parser.media_type for parser in parser_classes),
        answer=UploadAnswer,
        status=201,
        also={200: UploadAnswer},
        problems=(
            "picture_format_not_allowed",
            "picture_has_too_many_pixels",
            "picture_unreadable",
            "evidence_quota_exceeded",
        ),
        example=claim_examples.UPLOAD,
    )
    def post(self, request: Request) -> Response:
        """Keep a picture."""
        content = _picture(request)
        at = timezone.now()
        kept = evidence.upload(distributor=self.caller.distributor, content=content, at=at)
        shown = {"upload_id": kept.upload_id, "sha256": kept.sha256, "size": len(content)}
        if kept.uploaded_at == at:
            return Response(shown, 201)
        return Response(shown, 200, headers={REPLAYED: "true"})


def _picture(request: Request) -> bytes:
    """Return the body of a request that says it is a picture."""
    sent = (request.content_type or "").partition(";")[0].strip().lower()
    if sent not in [parser.media_type for parser in Uploads.parser_classes]:
        raise pictures.PictureFormatNotAllowed
    content: Any = request.data
    return content or b""
