"""What other packages put into the admin is taken out: only our own rows and pages are there."""

from django.contrib import admin

from console.apps import OURS

for model in list(admin.site._registry):
    if model._meta.app_label not in OURS:
        admin.site.unregister(model)
