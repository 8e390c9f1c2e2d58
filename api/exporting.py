"""What is written from the description of the API: files that integrators read and run."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from api import docs, promising, writing_client, writing_errors, writing_postman

ROOT = Path(settings.BASE_DIR)
DESCRIPTION = ROOT / "docs" / "api" / "openapi.json"
RELEASED = ROOT / "docs" / "api" / "released.json"


def files() -> dict[Path, str]:
    """Return all of them with their text, as it must be now."""
    chinese, english = docs.schema("zh-hans"), docs.schema("en")
    return {
        DESCRIPTION: description("zh-hans"),
        ROOT / "docs" / "api" / "errors.md": writing_errors.page(),
        ROOT / "docs" / "api" / "postman.json": writing_postman.collection(chinese),
        ROOT / "huopan_client" / "types.py": writing_client.types_source(english),
        ROOT / "huopan_client" / "operations.py": writing_client.operations_source(english),
    }


def description(language: str) -> str:
    """Return the description in a language, as JSON."""
    return json.dumps(docs.schema(language), ensure_ascii=False, indent=1) + "\n"


def broken_promises() -> list[str]:
    """Return what of the released version the description of now would break."""
    released: Any = json.loads(RELEASED.read_text())
    return promising.breaches(released, promising.promise(docs.schema("en")))


def released() -> str:
    """Return what the description of now promises, once it is released."""
    return promising.dumped(promising.promise(docs.schema("en")))
