"""The state machines, written down for people: `manage.py document_machines` makes `docs/states/`."""
