"""Huopan as a whole: settings, addresses, and what happens by itself."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
