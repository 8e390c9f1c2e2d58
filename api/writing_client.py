"""Writing the generated half of the Python client: what requests and answers hold, and every call."""

import keyword
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

PREFIX = "/api/v1"
JSON = "application/json"
COLUMNS = 98
HEAD = '"""{words}\n\nWritten by `manage.py export_openapi` from the description.\n"""\n'
# POSTs that may arrive twice without a second effect: they read, or put a state that is there already.
READING = {
    "auth_echo",
    "cancellations_withdraw",
    "catalogue_exports_ask",
    "events_replay",
    "prices_lookup",
    "products_lookup",
    "quotes_make",
    "selection_add",
    "selection_remove",
    "stocks_lookup",
    "supplier_bills_accept",
    "supplier_bills_dispute",
    "supplier_echo",
    "supplier_orders_begin",
    "supplier_orders_ship",
    "supplier_shipments_ship",
    "supplier_shipments_void",
    "uploads_add",
}
# … and what is recognised by a number of the caller's own, or by a version, if it gives one.
NUMBERED = {
    "aftersales_apply": 'bool(body.get("out_case_no"))',
    "claims_open": 'bool(body.get("out_claim_no"))',
    "holds_make": "True",
    "orders_cancel": 'bool(body.get("out_cancellation_no"))',
    "orders_place": "True",
    "orders_place_batch": "True",
    "supplier_orders_report_shortage": 'bool(body.get("out_shortage_no"))',
    "supplier_stocks_set": 'all("expected_stock_version" in one for one in body.get("stocks", []))',
}


def types_source(description: Schema) -> str:
    """Return the module of types, one for each schema of the description in English."""
    schemas = description["components"]["schemas"]
    parts = [
        HEAD.format(words="What requests and answers hold: amounts in fen, times in RFC 3339."),
        "from __future__ import annotations\n",
        "from typing import Any, Literal, NotRequired, TypedDict\n",
    ]
    for name, schema in sorted(schemas.items()):
        parts.append("\n" + _type(name, schema))
    return "\n".join(parts)


def operations_source(description: Schema) -> str:
    """Return the module of operations, a method for each."""
    parts = [
        HEAD.format(words="Every operation of the API as a method."),
        "from __future__ import annotations\n",
        "from abc import ABC, abstractmethod",
        "from collections.abc import Iterator",
        "from typing import Any",
        "from urllib.parse import quote\n",
        "from huopan_client import types\n\n",
        "class Operations(ABC):",
        '    """What there is to call; a list has an iterator over all its pages beside it."""\n',
        "    @abstractmethod",
        "    def _call(self, method: str, path: str, **options: Any) -> Any: ...",
    ]
    schemas = description["components"]["schemas"]
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            parts.append("\n" + "\n".join(_method(method.upper(), path, operation, schemas)))
    return "\n".join(parts) + "\n"


# --- types ----------------------------------------------------------------------------------------------


def _type(name: str, schema: Schema) -> str:
    if "enum" in schema:
        return f"{name} = {_literal(schema)}\n"
    lines = [f"class {name}(TypedDict):"]
    properties = schema.get("properties", {})
    if any(keyword.iskeyword(field) for field in properties):
        return _functional(name, schema)
    for field, shape in properties.items():
        lines += [
            f"    # {line}" for line in textwrap.wrap(shape.get("description", ""), COLUMNS - 6)
        ]
        hint = _hint(shape)
        required = field in schema.get("required", ())
        lines.append(f"    {field}: {hint if required else f'NotRequired[{hint}]'}")
    return "\n".join(lines if properties else [*lines, "    pass"]) + "\n"


def _functional(name: str, schema: Schema) -> str:
    """Write a type of whose fields one is a word of Python's own."""
    lines = [f'{name} = TypedDict(\n    "{name}",\n    {{']
    for field, shape in schema["properties"].items():
        hint = _hint(shape)
        required = field in schema.get("required", ())
        lines.append(f'        "{field}": "{hint if required else f"NotRequired[{hint}]"}",')
    return "\n".join([*lines, "    },\n)"]) + "\n"


def _hint(schema: Schema, prefix: str = "") -> str:
    hint = _plain_hint(schema, prefix)
    return f"{hint} | None" if schema.get("nullable") and hint != "Any" else hint


def _plain_hint(schema: Schema, prefix: str) -> str:
    if "$ref" in schema:
        return prefix + str(schema["$ref"]).rpartition("/")[2]
    if "allOf" in schema:
        return _hint(schema["allOf"][0], prefix)
    if "enum" in schema:
        return _literal(schema)
    kind = schema.get("type")
    if schema.get("format") == "binary":
        return "bytes"
    if kind == "array":
        return f"list[{_hint(schema['items'], prefix)}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {_hint(inner, prefix) if inner else 'Any'}]"
    simple = {"string": "str", "integer": "int", "boolean": "bool", "number": "float"}
    return simple.get(str(kind), "Any")


def _literal(schema: Schema) -> str:
    values = ", ".join(f'"{one}"' for one in schema["enum"])
    return f"Literal[{values}]"


# --- operations -----------------------------------------------------------------------------------------


def _method(method: str, path: str, operation: Schema, schemas: Schema) -> Iterator[str]:
    name = operation["operationId"]
    numbers = re.findall(r"{(\w+)}", path)
    positional = [f"{one}: str" for one in numbers]
    body = operation.get("requestBody", {}).get("content", {})
    body_source = "body" if body else ""
    if body and JSON not in body:
        positional += ["body: bytes", "content_type: str"]
    elif body:
        hint = _hint(body[JSON]["schema"], "types.")
        is_needed = _needs_body(body[JSON]["schema"], schemas)
        positional.append(f"body: {hint}" if is_needed else f"body: {hint} | None = None")
        body_source = "body" if is_needed else "body or {}"
    filters = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    answer = _answer(operation)
    yield from _head(name, positional, filters, answer)
    yield from _docstring(operation)
    options = _options(method, name, operation, filters, body=body_source)
    yield f"        answer: {answer} = self._call("
    yield f'            "{method}",'
    yield f"            {_address(path)},"
    yield from (f"            {option}," for option in options)
    yield "        )"
    yield "        return answer"
    yield from _each(name, numbers, filters, answer, schemas)


def _head(name: str, positional: list[str], filters: list[Any], answer: str) -> Iterator[str]:
    yield f"    def {name}("
    yield "        self,"
    yield from (f"        {one}," for one in positional)
    if filters:
        yield "        *,"
    for one in filters:
        yield f"        {_safe(one['name'])}: {_simple(one)} | None = None,"
    yield f"    ) -> {answer}:"


def _docstring(operation: Schema) -> Iterator[str]:
    words = f"{operation['summary']} {operation.get('description', '')}".strip()
    first, *more = textwrap.wrap(f'"""{words}"""', COLUMNS - 8)
    yield f"        {first}"
    yield from (f"        {line}" for line in more)


def _options(
    method: str, name: str, operation: Schema, filters: list[Any], *, body: str
) -> Iterator[str]:
    if filters:
        pairs = (f'                "{one["name"]}": {_safe(one["name"])},' for one in filters)
        yield "\n".join(["query={", *pairs, "            }"])
    if body:
        yield f"body={body}"
    if body and JSON not in operation["requestBody"]["content"]:
        yield "content_type=content_type"
    repeatable = method != "POST" or name in READING
    yield f"repeatable={NUMBERED.get(name, str(repeatable))}"


def _each(
    name: str, numbers: list[str], filters: list[Any], answer: str, schemas: Schema
) -> Iterator[str]:
    """Write the iterator over the pages of a list."""
    page = schemas.get(answer.removeprefix("types."), {}).get("properties", {})
    if not {"items", "next"} <= page.keys():
        return
    item = _hint(page["items"]["items"], "types.")
    others = [one for one in filters if one["name"] != "after"]
    yield ""
    each = name.removesuffix("_list") + "_each"
    yield from _head(each, [f"{one}: str" for one in numbers], filters, f"Iterator[{item}]")
    yield f'        """Go through all pages of `{name}`, from `after` on."""'
    yield "        while True:"
    yield f"            page = self.{name}("
    yield from (f"                {one}," for one in numbers)
    yield "                after=after,"
    for one in others:
        yield f"                {_safe(one['name'])}={_safe(one['name'])},"
    yield "            )"
    yield '            yield from page["items"]'
    yield '            if page["next"] is None:'
    yield "                return"
    [cursor] = (one for one in filters if one["name"] == "after")
    is_number = _simple(cursor) == "int"
    following = 'page["next"]'
    yield f"            after = {f'int({following})' if is_number else following}"


def _answer(operation: Schema) -> str:
    found: list[str] = []
    for status, answer in operation["responses"].items():
        if status < "300":
            for content in answer["content"].values():
                hint = _hint(content["schema"], "types.")
                found += [hint] if hint not in found else []
    return " | ".join(found)


def _needs_body(schema: Schema, schemas: Schema) -> bool:
    named = schemas.get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
    return bool(named.get("required"))


def _address(path: str) -> str:
    short = path.removeprefix(PREFIX)
    if "{" not in short:
        return f'"{short}"'
    escaped = re.sub(r"{(\w+)}", r"{quote(\1, safe='')}", short)
    return f'f"{escaped}"'


def _simple(parameter: Schema) -> str:
    """Return the type of a filter; what may grow is a text."""
    return "int" if parameter["schema"].get("type") == "integer" else "str"


def _safe(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) or name == "type" else name
