"""The pages of the machines: true, complete, and drawn so that they can be read."""

from io import StringIO
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django_fsm import FSMFieldMixin

from aftersales import deadlines
from api import docs
from books import verifying
from companies.policies import POLICIES
from config.machines import drawing, pages, routing
from config.machines.reading import Machine
from config.machines.words import WHO
from orders import header

MACHINES = pages.MACHINES
SLUGS = [machine.slug for machine in MACHINES]


def drawn_pairs(machine: Machine) -> list[tuple[str, str]]:
    return list(dict.fromkeys((step.source, step.target) for step in machine.steps))


def cells_of(machine: Machine) -> dict[str, routing.Cell]:
    return {
        state: (column, row)
        for row, names in enumerate(machine.grid)
        for column, state in enumerate(names.split())
        if state != "."
    }


def test_every_machine_of_the_project_has_its_pages() -> None:
    there = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, FSMFieldMixin)
    }

    described = {
        (machine.model, machine.state_field) for machine in MACHINES if machine.model is not None
    }

    assert described == there


@pytest.mark.parametrize("machine", MACHINES, ids=SLUGS)
def test_every_step_says_who_takes_it_and_what_it_means(machine: Machine) -> None:
    for step in machine.steps:
        assert step.by, step
        assert set(step.by) <= WHO.keys(), step
        assert step.meaning.chinese, step
        assert step.meaning.english.endswith("."), step


@pytest.mark.parametrize("machine", MACHINES, ids=SLUGS)
def test_every_state_is_reached_and_explained(machine: Machine) -> None:
    reached = {machine.start, *(step.target for step in machine.steps)}

    assert set(machine.states) == set(machine.choices.values) == reached
    for words in machine.states.values():
        assert words.chinese
        assert words.english


@pytest.mark.parametrize("machine", MACHINES, ids=SLUGS)
def test_waits_stand_on_states_that_go_on_and_name_policies(machine: Machine) -> None:
    assert not set(machine.waits) & set(machine.ends)
    for waits in machine.waits.values():
        assert {wait.policy for wait in waits} <= POLICIES.keys()


def test_every_state_of_a_case_that_is_no_end_has_a_deadline() -> None:
    (case,) = (machine for machine in MACHINES if machine.slug == "aftersale")

    assert set(deadlines.DEADLINES) == set(case.states) - set(case.ends)
    assert set(case.waits) == set(deadlines.DEADLINES)


def test_the_header_has_the_states_that_are_computed() -> None:
    (order,) = (machine for machine in MACHINES if machine.slug == "order")

    for state in order.states:
        assert f"'{state}'" in header.STATE_SQL


def test_the_steps_of_the_header_are_those_that_the_books_allow() -> None:
    (order,) = (machine for machine in MACHINES if machine.slug == "order")

    assert set(drawn_pairs(order)) <= set(verifying._order_steps())


@pytest.mark.parametrize("machine", MACHINES, ids=SLUGS)
def test_the_calls_that_are_named_are_calls_of_the_api(machine: Machine) -> None:
    known = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in docs.schema("en")["paths"].items()
        for method in methods
    }

    assert {call for calls in machine.calls.values() for call in calls} <= known


@pytest.mark.parametrize("machine", MACHINES, ids=SLUGS)
def test_arrows_go_around_boxes_and_share_a_lane_only_to_one_end(machine: Machine) -> None:
    cells, pairs = cells_of(machine), drawn_pairs(machine)
    plan = routing.Plan(cells)
    lanes: dict[tuple[int, int, int, int], str] = {}

    ways = routing.ways(cells, pairs)

    assert ways.keys() == set(pairs)
    for (_source, target), way in ways.items():
        for (x1, y1), (x2, y2) in pairwise(way):
            assert x1 == x2 or y1 == y2
            lane = (x1, y1, x2, y2)
            assert lanes.setdefault(lane, target) == target
        assert all(plan.is_free(point) for point in way[1:-1])


@pytest.mark.parametrize("machine", MACHINES, ids=SLUGS)
def test_a_drawing_is_well_formed_and_loads_nothing(machine: Machine) -> None:
    text = drawing.svg(machine)

    root = ElementTree.fromstring(text)

    assert root.tag.endswith("svg")
    assert "href" not in text
    for state in machine.states:
        assert f">{state}</text>" in text


def test_the_pages_in_the_repository_are_up_to_date() -> None:
    call_command("document_machines", "--check", stdout=StringIO())


def test_pages_that_are_missing_changed_or_left_over_are_told_and_mended(tmp_path: Path) -> None:
    call_command("document_machines", "--folder", str(tmp_path), stdout=StringIO())
    (tmp_path / "hold" / "active.md").write_text("old")
    (tmp_path / "hold" / "gone.md").write_text("no such state")
    (tmp_path / "README.md").unlink()

    with pytest.raises(CommandError, match=r"README\.md, hold/active\.md, hold/gone\.md"):
        call_command("document_machines", "--check", "--folder", str(tmp_path), stdout=StringIO())
    call_command("document_machines", "--folder", str(tmp_path), stdout=StringIO())

    call_command("document_machines", "--check", "--folder", str(tmp_path), stdout=StringIO())
    assert not (tmp_path / "hold" / "gone.md").exists()
