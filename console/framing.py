"""Puts our frame in the place of Django's own admin site."""

from django.contrib.admin.apps import AdminConfig


class FramedAdmin(AdminConfig):
    """Django's admin, whose site is ours."""

    default_site = "console.frame.Frame"
