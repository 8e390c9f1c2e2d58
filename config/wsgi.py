"""The web application, as gunicorn loads it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

people = get_wsgi_application()

from api.door import at_the_door  # noqa: E402  Django must be set up before

application = at_the_door(people)
