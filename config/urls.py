"""Which door an address leads to."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.static import serve

urlpatterns: list[URLPattern | URLResolver] = [
    # First, because machines ask most often, and addresses are tried one after the other.
    path("api/", include("api.urls")),
    path("", include("backoffice.front")),
    path("", include("portal.front")),
    path("supplier/", include("backoffice.urls")),
    path("portal/", include("portal.urls")),
    path("", include("console.urls")),
]

if not settings.PRODUCTION:
    # In production the reverse proxy serves them.
    urlpatterns.append(path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}))
