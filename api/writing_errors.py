"""Writing docs/api/errors.md: every code with its cause and its remedy, in Chinese and in English."""

from collections.abc import Iterator

from django.utils import translation

from api.codes import CODES

CHINESE = """# 错误码

由 `manage.py export_openapi` 生成；同一张表也在 `GET /api/v1/meta/errors` 和 `/api/docs/errors`。
English below: [Error codes](#error-codes).

拒绝的答复是 `application/problem+json`（RFC 9457）：`code` 永不改变含义，程序只应据此判断；
`detail` 给人看，语言随 `Accept-Language`；`values` 是其中的数值；`errors[]` 指出请求中的每一处
（`pointer` 为 JSON 指针）；报障时请附 `request_id`。

- 4xx：什么都没有发生。订单被拒不留痕迹，改正后用**原来的 `out_order_no`** 再发即可。
- “可重试”为“是”：同一请求原样稍后可能成功（补货、充值、稍等之后）。429 和 503 按 `Retry-After` 等待。
- 没有收到答复（超时、断线、502、504）：下单、预占用原号原样重发，不会下两次；其他操作先读取对象再决定。

| 错误码 | HTTP | 可重试 | 原因 | 怎么办 |
|---|---|---|---|---|"""
ENGLISH = """# Error codes

Written by `manage.py export_openapi`; the same table is at `GET /api/v1/meta/errors` and at
`/api/docs/errors`.

A refusal is `application/problem+json` (RFC 9457). `code` never changes its meaning: decide by it
alone. `detail` is for people, in the language of `Accept-Language`; `values` holds its figures;
`errors[]` names every place of the request (`pointer` is a JSON pointer); name the `request_id` when
you ask us.

- 4xx: nothing has happened. A refused order leaves no trace: mend it, and send it again under
  **the same `out_order_no`**.
- “Try again: yes”: the same request may succeed later as it is, once there is stock, money or time.
  Of 429 and 503 obey `Retry-After`.
- No answer (a timeout, a broken line, 502, 504): send orders and holds again as they were, under
  their number: nothing is placed twice. For anything else read the object first.

| code | HTTP | try again | why | what to do |
|---|---|---|---|---|"""
HALVES = (("zh-hans", CHINESE, ("是", "否")), ("en", ENGLISH, ("yes", "no")))


def page() -> str:
    """Return the page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for language, head, answers in HALVES:
        yield head
        with translation.override(language):
            for code, entry in CODES.items():
                again = answers[0] if entry.retryable else answers[1]
                cells = (str(entry.cause), str(entry.remedy))
                cause, remedy = (cell.replace("|", "\\|") for cell in cells)
                yield f"| `{code}` | {entry.status} | {again} | {cause} | {remedy} |"
        yield ""
