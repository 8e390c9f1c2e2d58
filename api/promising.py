"""What a released version promises to integrators, and what a later one would break of it.

The promise is the description without its words and examples: small enough to be kept beside it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from api.codes import CODES
from integration import event_types

Schema = Mapping[str, Any]

SHAPE = ("type", "format", "enum", "nullable", "$ref", "additionalProperties")
# A request that kept to the old bound must keep to the new one.
HIGHEST = ("maximum", "maxLength", "maxItems")
LOWEST = ("minimum", "minLength", "minItems")


def promise(description: Schema) -> dict[str, Any]:
    """Return what a description promises."""
    operations = {
        f"{method.upper()} {path}": _operation(operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }
    schemas = description["components"]["schemas"]
    return {
        "operations": operations,
        "schemas": {name: _shape(schema) for name, schema in schemas.items()},
        "codes": {code: [entry.status, entry.retryable] for code, entry in CODES.items()},
        "events": {kind: True for group in event_types.GROUPS for kind in group.types},
    }


def dumped(promised: Schema) -> str:
    """Return a promise as JSON, a line for each thing, so that changes are read with ease."""
    parts = [
        f'"{part}": {{\n'
        + ",\n".join(
            f" {json.dumps(name)}: {json.dumps(value, sort_keys=True)}"
            for name, value in sorted(things.items())
        )
        + "\n}"
        for part, things in promised.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def breaches(old: Schema, new: Schema) -> list[str]:
    """Return what of the old promise the new one breaks, a sentence each."""
    found = list(_codes(old["codes"], new["codes"]))
    found += [f"event {kind} is gone" for kind in old["events"] if kind not in new["events"]]
    comparison = _Comparison(old["schemas"], new["schemas"])
    for name, was in old["operations"].items():
        if name not in new["operations"]:
            found.append(f"{name} is gone")
            continue
        found += comparison.operation(name, was, new["operations"][name])
    return sorted(set(found))


def _codes(old: Schema, new: Schema) -> Iterator[str]:
    for code, was in old.items():
        if code not in new:
            yield f"code {code} is gone"
        elif new[code] != was:
            yield f"code {code} means another status, or is to be retried otherwise"


class _Comparison:
    """Compares operation by operation, following references in both descriptions."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str, bool]] = set()

    def operation(self, name: str, was: Schema, now: Schema) -> Iterator[str]:
        yield from self._parameters(name, was["parameters"], now["parameters"])
        if now.get("request_required") and not was.get("request_required"):
            yield f"{name} needs a body"
        for media, shape in was["request"].items():
            if media not in now["request"]:
                yield f"{name} takes no {media}"
            else:
                yield from self._shapes(name, shape, now["request"][media], asks=True)
        for status, answers in was["answers"].items():
            for media, shape in answers.items():
                if media not in now["answers"].get(status, {}):
                    yield f"{name} answers no {status} {media}"
                else:
                    there = now["answers"][status][media]
                    yield from self._shapes(f"{name} {status}", shape, there, asks=False)

    def _parameters(self, name: str, was: Schema, now: Schema) -> Iterator[str]:
        for parameter, shape in was.items():
            if parameter not in now:
                yield f"{name} knows no parameter {parameter}"
            else:
                yield from self._shapes(f"{name}?{parameter}", shape, now[parameter], asks=True)
        for parameter, shape in now.items():
            if shape.get("needed") and not was.get(parameter, {}).get("needed"):
                yield f"{name} needs the parameter {parameter}"

    def _shapes(self, place: str, was: Schema, now: Schema, *, asks: bool) -> Iterator[str]:
        """Compare two shapes: of what we ask (`asks`), or of what we answer."""
        pair = (was.get("$ref", ""), now.get("$ref", ""), asks)
        if was.get("$ref"):
            if pair in self._seen:
                return
            self._seen.add(pair)
            place = was["$ref"].rpartition("/")[2]
        was = {**was, **_target(self._old, was)}
        now = {**now, **_target(self._new, now)}
        if was.get("type") != now.get("type"):
            yield f"{place} is {now.get('type')}, no longer {was.get('type')}"
            return
        yield from _narrowed(place, was, now) if asks else _widened(place, was, now)
        yield from self._properties(place, was, now, asks=asks)
        if "items" in was and "items" in now:
            yield from self._shapes(f"{place}[]", was["items"], now["items"], asks=asks)

    def _properties(self, place: str, was: Schema, now: Schema, *, asks: bool) -> Iterator[str]:
        there = now.get("properties", {})
        needed, were_needed = set(now.get("required", ())), set(was.get("required", ()))
        for name, shape in was.get("properties", {}).items():
            if name not in there:
                yield f"{place}.{name} is gone"
                continue
            yield from self._shapes(f"{place}.{name}", shape, there[name], asks=asks)
            if not asks and name in were_needed - needed:
                yield f"{place}.{name} may be missing"
        if asks:
            yield from (f"{place}.{name} is needed" for name in sorted(needed - were_needed))


def _narrowed(place: str, was: Schema, now: Schema) -> Iterator[str]:
    """Say what a request may no longer hold."""
    for value in was.get("enum", ()):
        if value not in now.get("enum", (value,)):
            yield f"{place} takes no {value}"
    if "enum" in now and "enum" not in was:
        yield f"{place} takes some values only"
    if was.get("nullable") and not now.get("nullable"):
        yield f"{place} takes no null"
    for bound in HIGHEST:
        if bound in now and now[bound] < was.get(bound, float("inf")):
            yield f"{place}: {bound} is lower"
    for bound in LOWEST:
        if bound in now and now[bound] > was.get(bound, float("-inf")):
            yield f"{place}: {bound} is higher"


def _widened(place: str, was: Schema, now: Schema) -> Iterator[str]:
    """Say what an answer did not hold before. Enums may grow: that is promised."""
    if now.get("nullable") and not was.get("nullable"):
        yield f"{place} may be null"
    if now.get("format") != was.get("format"):
        yield f"{place} has another format"


def _target(schemas: Schema, shape: Schema) -> Schema:
    """Return what a shape refers to; nothing where it refers to nothing."""
    found: Schema = schemas.get(str(shape.get("$ref", "")).rpartition("/")[2], {})
    return {name: value for name, value in found.items() if name != "nullable"}


def _operation(operation: Schema) -> dict[str, Any]:
    body = operation.get("requestBody", {})
    return {
        "parameters": {
            one["name"]: _shape(one["schema"]) | ({"needed": True} if one.get("required") else {})
            for one in operation.get("parameters", [])
        },
        "request": _contents(body),
        "request_required": bool(body.get("required")),
        "answers": {
            status: _contents(answer)
            for status, answer in operation["responses"].items()
            if status < "300"
        },
    }


def _contents(holder: Schema) -> dict[str, Any]:
    return {
        media: _shape(content.get("schema", {}))
        for media, content in holder.get("content", {}).items()
    }


def _shape(schema: Schema) -> dict[str, Any]:
    """Leave out words, examples and patterns."""
    if "allOf" in schema:
        return _shape({**schema["allOf"][0], **{k: v for k, v in schema.items() if k != "allOf"}})
    found = {name: schema[name] for name in (*SHAPE, *HIGHEST, *LOWEST) if name in schema}
    if "properties" in schema:
        found["properties"] = {name: _shape(one) for name, one in schema["properties"].items()}
    if "items" in schema:
        found["items"] = _shape(schema["items"])
    if "required" in schema:
        found["required"] = sorted(schema["required"])
    if isinstance(found.get("additionalProperties"), Mapping):
        found["additionalProperties"] = _shape(found["additionalProperties"])
    return found
