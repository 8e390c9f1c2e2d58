"""Holding answers against the OpenAPI description, strictly: what is not declared is not there."""

from functools import lru_cache
from typing import Any

import jsonschema  # type: ignore[import-untyped]

from api import docs


@lru_cache
def description() -> dict[str, Any]:
    """The description in Chinese."""
    return docs.schema("zh-hans")


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Every path, method and operation."""
    return [
        (path, method, operation)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    ]


def check(value: Any, schema: dict[str, Any]) -> None:
    """Raise where a value is not of a schema of the description."""
    root = {**_strict(schema), "components": _components()}
    jsonschema.Draft202012Validator(root).validate(value)


def schema_of(operation: dict[str, Any], status: int, media_type: str) -> Any:
    """The schema that an operation declares for an answer."""
    return operation["responses"][str(status)]["content"][media_type]["schema"]


@lru_cache
def _components() -> Any:
    return _strict(description()["components"])


def _strict(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema, objects closed."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _strict(value) for name, value in schema.items()}
    if isinstance(found.get("properties"), dict) and found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    if found.pop("nullable", None) is True:
        return {"anyOf": [found, {"type": "null"}]}
    return found
