"""The container files: nothing here starts Docker, so that they at least agree with the code."""

import importlib.util
import re
from typing import Any

import pytest
import yaml
from django.utils.module_loading import import_string

from config import celery, schedule
from config import settings as written
from running.web import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "huopan"}
READERS = ("config/settings.py", "config/gunicorn.py", "running/healthy.py")
# Read by the images of others, and by gunicorn itself.
OTHERS_VARIABLES = {"FORWARDED_ALLOW_IPS"}


def test_production_has_all_its_parts() -> None:
    assert set(OURS) == {"web", "worker", "callbacks", "slow-worker", "beat", "migrate"}
    assert set(SERVICES) - set(OURS) == {"proxy", "postgres", "redis"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_command_exists(name: str) -> None:
    program, *arguments = OURS[name]["command"]

    assert program == "python" or importlib.util.find_spec(program)
    for argument in arguments:
        if argument.startswith("running."):
            assert (ROOT / f"{argument.replace('.', '/')}.py").exists()
        elif argument.endswith(".py"):
            assert (ROOT / argument).exists()


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_variable_is_read_by_the_code(name: str) -> None:
    code = "".join((ROOT / reader).read_text() for reader in READERS)

    unread = {
        variable
        for variable in OURS[name]["environment"]
        if f'"{variable}"' not in code and variable not in OTHERS_VARIABLES
    }

    assert not unread


def test_every_secret_comes_from_the_operator_and_none_is_committed() -> None:
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if line and not line.startswith("#")
    )
    asked_for = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert asked_for == set(example)
    assert not any(example.values())


def test_every_queue_has_a_worker() -> None:
    commands = [OURS[name]["command"] for name in ("worker", "callbacks", "slow-worker")]

    served = [
        queue
        for command in commands
        for part in command
        if part.startswith("--queues=")
        for queue in part.removeprefix("--queues=").split(",")
    ]

    assert sorted(served) == sorted(celery.QUEUES)


def test_only_the_reverse_proxy_is_open_to_the_world() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]


def test_each_named_volume_network_and_dependency_exists() -> None:
    for service in SERVICES.values():
        named = {each.split(":")[0] for each in service.get("volumes", []) if each[0] not in "./"}
        assert named <= set(COMPOSE["volumes"])
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert set(service.get("depends_on", {})) <= set(SERVICES)


def test_the_image_holds_no_secret_and_does_not_run_as_root() -> None:
    image = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]

    assert "USER huopan" in image
    assert not re.search(r"SECRET_KEY|HASH_KEY|FIELD_KEYS", image)
    assert {".env", ".git", ".local"} <= set((ROOT / ".dockerignore").read_text().split())


def test_guessing_a_password_costs_argon2_of_100_mib() -> None:
    hasher = import_string(written.PASSWORD_HASHERS[0])()

    assert (hasher.algorithm, hasher.memory_cost, hasher.time_cost) == ("argon2", 100 * 1024, 2)


def test_what_happens_by_itself_names_tasks_that_exist_on_queues_that_are_served() -> None:
    celery.app.loader.import_default_modules()

    for name, entry in schedule.ENTRIES.items():
        assert entry["task"] in celery.app.tasks, name
        task = celery.app.tasks[entry["task"]]
        assert (getattr(task, "queue", None) or celery.DEFAULT) in celery.QUEUES, name
