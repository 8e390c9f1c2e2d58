"""The signature debugger: a request is pasted, and the page says which byte or which habit is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from integration import diagnosing, keys, pasting, reading_requests, request_log
from integration.diagnosing import Diagnosis, Difference, Pasted
from integration.models import ApiKey, ApiRequest, Partner
from integration.signing_requests import FORMS, KEY, WINDOW_SECONDS
from kit.errors import DomainError, NotFound

LINES = (
    gettext_lazy("method"),
    gettext_lazy("path"),
    gettext_lazy("query"),
    gettext_lazy("timestamp"),
    gettext_lazy("nonce"),
    gettext_lazy("SHA-256 of the body"),
)
# What each mistake is called, as `integration.diagnosing` codes it.
CAUSES: dict[str, Promise] = {
    "newline_at_end": gettext_lazy("A newline stands at the end of the string that was signed."),
    "windows_newlines": gettext_lazy("The lines were joined by CR LF; join them by LF alone."),
    "no_newlines": gettext_lazy(
        "The six lines were joined by something else than line feeds (LF)."
    ),
    "method": gettext_lazy("The method was signed in small letters; write it in capitals."),
    "prefix": gettext_lazy(
        "The path was signed without /api/v1, or with it twice: sign the whole path as sent."
    ),
    "whole_address": gettext_lazy(
        "The whole address was signed: the path begins after the host's name."
    ),
    "decoded": gettext_lazy("The path was decoded before signing: sign it as it is sent."),
    "slash": gettext_lazy("The path was signed with a slash at its end too many or too few."),
    "query_order": gettext_lazy(
        "The query was re-ordered before signing: sign it in the order in which it is sent."
    ),
    "query_decoded": gettext_lazy(
        "The query was decoded or encoded between signing and sending: encode first, then sign."
    ),
    "query_mark": gettext_lazy("The query was signed with its question mark: leave it out."),
    "query_in_path": gettext_lazy(
        "The query was signed on the path's line: it has a line of its own."
    ),
    "query_left_out": gettext_lazy("The query was sent but not signed."),
    "no_query_line": gettext_lazy(
        "The query's line is missing: without a query it is there, and empty."
    ),
    "milliseconds": gettext_lazy("Seconds and milliseconds are mixed up: sign and send seconds."),
    "digest_case": gettext_lazy("The body's SHA-256 was written in capitals: use small letters."),
    "digest_base64": gettext_lazy("The body's SHA-256 was written in Base64: write it in hex."),
    "body_newline": gettext_lazy(
        "A newline at the end of the body: it was signed and not sent, or the other way round."
    ),
    "body_windows": gettext_lazy("The body's line ends were changed between signing and sending."),
    "body_mark": gettext_lazy("The body was signed with a byte order mark (BOM) before it."),
    "body_left_out": gettext_lazy("The body was sent but not signed."),
    "body_empty_object": gettext_lazy(
        "Nothing was sent as the body, but {} or null was signed: hash zero bytes."
    ),
    "body_written_anew": gettext_lazy(
        "The JSON was written anew between signing and sending, with other spaces, order or"
        " escapes: write it once, sign those bytes and send them."
    ),
    "body_itself": gettext_lazy("The body itself was signed in the place of its SHA-256."),
    "secret_prefix": gettext_lazy("The secret was used without its beginning, hps_."),
    "secret_newline": gettext_lazy(
        "The secret was read with a newline at its end, as from a file."
    ),
    "secret_hashed": gettext_lazy("The secret was hashed before use: use it as it is."),
    "secret_other": gettext_lazy("The secret of another of your keys was used."),
    "line_1": gettext_lazy("Another method was signed."),
    "line_2": gettext_lazy("Another path was signed."),
    "line_3": gettext_lazy("Another query was signed."),
    "line_4": gettext_lazy("Another timestamp was signed than was sent in the header."),
    "line_5": gettext_lazy("Another nonce was signed than was sent in the header."),
    "line_6": gettext_lazy("Another body was signed than was sent."),
}
FAULTS: dict[str, Promise] = {
    "missing": gettext_lazy("The header {name} is missing."),
    "form": gettext_lazy("The header {name} is not of the form {form}."),
    "name": gettext_lazy("A header is called {name}; the four are called {names}."),
    "milliseconds": gettext_lazy("The timestamp is in milliseconds; it must be in seconds."),
    "prefix": gettext_lazy("The path does not begin with /api/v1/."),
    "method": gettext_lazy("The method is not in capitals."),
    "content_type": gettext_lazy("The body needs Content-Type: application/json."),
    "json": gettext_lazy("The body is not valid JSON."),
}


class PasteForm(forms.Form):
    """A request as it was sent, and the string that was signed."""

    request = forms.CharField(
        label=gettext_lazy("Request, or curl command"),
        max_length=pasting.MAX_TEXT,
        # Spaces at its ends may be what is wrong.
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 11,
                "spellcheck": "false",
                "class": "code",
                "placeholder": "POST /api/v1/auth/echo HTTP/1.1\nHuopan-Key: hpk_…\n"
                "Huopan-Timestamp: …\nHuopan-Nonce: …\nHuopan-Signature: v1=…\n"
                'Content-Type: application/json\n\n{"name": "茶"}',
            }
        ),
        help_text=gettext_lazy(
            "First line, headers, an empty line, body; or a command as browsers and Postman copy it."
            " Never paste your secret."
        ),
    )
    theirs = forms.CharField(
        label=gettext_lazy("The string that you signed"),
        required=False,
        strip=False,
        max_length=pasting.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "code"}),
        help_text=gettext_lazy(
            "Six lines; or an answer that holds string_to_sign. With it you see the first byte that"
            " differs."
        ),
    )
    key = forms.ChoiceField(label=gettext_lazy("Key"), required=False)

    def __init__(self, *args: object, choices: Sequence[tuple[str, str]], **options: object):
        super().__init__(*args, **options)  # type: ignore[arg-type]
        field = self.fields["key"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", str(gettext_lazy("as in the request"))), *choices]


@dataclass(frozen=True)
class Shown:
    """A diagnosis as the page shows it."""

    diagnosis: Diagnosis
    key: ApiKey
    lines: Sequence[tuple[Promise, str]]
    faults: Sequence[str]
    cause: Promise | str
    difference: Difference | None
    difference_cause: Promise | str
    is_off: bool
    has_theirs: bool


def examined(partner: Partner, request: HttpRequest) -> tuple[dict[str, Any], int]:
    """Return what the debugger shows, and its status: of what was pasted; `?of=` is one of the log.

    :raises NotFound: the log has no such request.
    """
    own = list(partner.keys.order_by("state", "-pk"))
    choices = [(key.public_id, f"{key.public_id} {key.name}".strip()) for key in own]
    shown, status = None, 200
    if request.method == "POST":
        form = PasteForm(request.POST, choices=choices)
        shown = _of_paste(form, own)
        status = 200 if shown else 422
    elif request.GET.get("of"):
        row, shown = _of_log(partner, request.GET["of"], own)
        form = PasteForm(choices=choices, initial={"request": _as_text(row)})
    else:
        form = PasteForm(choices=choices)
    context = {
        "form": form,
        "shown": shown,
        "window_seconds": WINDOW_SECONDS,
        "is_of_log": "of" in request.GET and request.method == "GET",
    }
    return context, status


def _of_paste(form: PasteForm, own: Sequence[ApiKey]) -> Shown | None:
    if not form.is_valid():
        return None
    try:
        pasted = pasting.read(form.cleaned_data["request"])
    except DomainError as refusal:
        form.add_error("request", str(refusal))
        return None
    key = _key(form.cleaned_data["key"] or pasted.header(KEY), own)
    if key is None:
        form.add_error(
            "key", gettext_lazy("The request names no key of yours; choose one, or make one.")
        )
        return None
    theirs = pasting.string_of(form.cleaned_data["theirs"])
    return _shown(pasted, key, own, theirs=theirs, at=timezone.now())


def _of_log(
    partner: Partner, request_id: str, own: Sequence[ApiKey]
) -> tuple[ApiRequest, Shown | None]:
    row = reading_requests.found(partner, request_id)
    if row is None:
        raise NotFound
    key = next((key for key in own if key.pk == row.key_id), None)
    content = request_log.opened(row)
    string = content.string_to_sign.split("\n")
    if key is None or len(string) != 6:
        return row, None
    digest = string[5]
    return row, _shown(_pasted(row), key, own, theirs="", at=row.at, digest=digest)


def _pasted(row: ApiRequest) -> Pasted:
    content = request_log.opened(row)
    headers = {name.lower(): value for name, value in content.headers.items()}
    # What was cut off tells nothing about the body.
    body = content.sent if content.sent_bytes <= request_log.KEPT_BYTES else ""
    return pasting.from_parts(method=row.method, url=content.target, headers=headers, body=body)


def _as_text(row: ApiRequest) -> str:
    content = request_log.opened(row)
    head = [f"{row.method} {content.target} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in content.headers.items()]
    return "\n".join([*head, "", content.sent])


def _key(public_id: str, own: Sequence[ApiKey]) -> ApiKey | None:
    return next((key for key in own if key.public_id == public_id.strip()), None)


def _shown(
    pasted: Pasted,
    key: ApiKey,
    own: Sequence[ApiKey],
    *,
    theirs: str,
    at: datetime,
    digest: str = "",
) -> Shown:
    diagnosis = diagnosing.diagnose(
        pasted,
        secrets=keys.secrets_of(key, at),
        others=[secret for one in own if one.pk != key.pk for secret in keys.secrets_of(one, at)],
        theirs=theirs,
        at=at,
        digest=digest,
    )
    difference = diagnosis.difference
    return Shown(
        diagnosis=diagnosis,
        key=key,
        lines=list(zip(LINES, diagnosis.signed.lines, strict=True)),
        faults=[_fault(fault) for fault in diagnosis.faults],
        cause=CAUSES.get(diagnosis.cause, ""),
        difference=difference,
        difference_cause=CAUSES.get(difference.cause, "") if difference else "",
        is_off=abs(diagnosis.skew_seconds or 0) > WINDOW_SECONDS,
        has_theirs=bool(theirs),
    )


def _fault(fault: str) -> str:
    kind, _colon, name = fault.partition(":")
    form = FORMS[name].pattern if name in FORMS else ""
    return str(FAULTS[kind]).format(name=name, form=form, names=", ".join(FORMS))
