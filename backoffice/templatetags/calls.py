"""The panel that shows a list as a call of the API."""

from typing import Any

from django import template

from backoffice import api_calls, rights
from companies import acting

register = template.Library()


@register.inclusion_tag("backoffice/api_call.html", takes_context=True)
def api_call(context: dict[str, Any], grid: str) -> dict[str, Any]:
    """Show the call that lists what the page lists just now; nothing to who has no keys."""
    role = acting.current(context["request"])
    if role is None or not rights.may(role, "supplier:keys"):
        return {}
    show, text = str(context.get("show", "")), str(context.get("text", ""))
    return {"call": api_calls.call(grid, show=show, text=text)}
