"""Every state machine of the project: what is drawn is possible, and everything else is refused.

Refused twice: by the transition method, and by the database when somebody writes the column.
"""

import threading
from collections.abc import Iterator
from itertools import product
from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.utils import InternalError
from django_fsm import FSMFieldMixin

from distributors.models import Distributor
from kit import states
from kit.states import StateModel, TransitionNotAllowed
from tests.factories import make_distributor

THREADS = 6
TRIES = 400

Machine = tuple[type[models.Model], str]


def machines() -> list[Machine]:
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, FSMFieldMixin)
    ]


def field_of(machine: Machine) -> Any:
    model, field = machine
    return model._meta.get_field(field)


def column_of(machine: Machine) -> str:
    return str(field_of(machine).column)


def name_of(machine: Machine) -> str:
    model, field = machine
    return f"{model._meta.label}.{field}"


def all_states(machine: Machine) -> list[str]:
    return [value for value, _ in field_of(machine).choices]


def guard_of(machine: Machine) -> Any:
    model, field = machine
    registered: Any = pgtrigger.registered()
    found = [
        trigger
        for owner, trigger in registered
        if owner is model and isinstance(trigger, pgtrigger.FSM) and trigger.field == field
    ]
    assert len(found) == 1, name_of(machine)
    return found[0]


def methods_of(machine: Machine) -> Iterator[tuple[str, set[str], str]]:
    """Each transition method: its name, the states it starts from, and where it leads."""
    found: dict[str, tuple[set[str], str]] = {}
    for transition in field_of(machine).get_all_transitions(machine[0]):
        found.setdefault(transition.name, (set(), transition.target))[0].add(transition.source)
    return ((name, sources, target) for name, (sources, target) in found.items())


def in_state(machine: Machine, state: str) -> Any:
    """A row that is in a state, without a database."""
    model, field = machine
    row = model(**{field: state})
    row._state.adding = False
    return row


def make_scratch_table(machine: Machine) -> None:
    """Make a temporary table like the model's, where nothing but the state is needed.

    Under the model's own trigger; the test's transaction takes the table away again.
    """
    model, _ = machine
    table, function = model._meta.db_table, guard_of(machine).get_pgid(model)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE scratch (LIKE {table}) ON COMMIT DROP")
        cursor.execute(
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = 'scratch'::regclass AND attnotnull AND attnum > 0"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE scratch ALTER COLUMN "{name}" DROP NOT NULL')
        cursor.execute(
            "CREATE TRIGGER guard BEFORE UPDATE ON scratch FOR EACH ROW"
            f" EXECUTE FUNCTION {function}()"
        )


def write(machine: Machine, before: str, after: str) -> None:
    """Move the only row of the scratch table from one state to another, past the model."""
    column = column_of(machine)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM scratch")
        cursor.execute(f"INSERT INTO scratch ({column}) VALUES (%s)", [before])
        cursor.execute(f"UPDATE scratch SET {column} = %s", [after])


def test_there_are_machines_and_each_closes_the_holes_of_its_library() -> None:
    assert len(machines()) >= 8
    assert all(issubclass(model, StateModel) for model, _ in machines())


@pytest.mark.parametrize("_machine", machines(), ids=name_of)
def test_what_the_database_lets_pass_is_exactly_what_is_drawn(_machine: Machine) -> None:
    model, field = _machine

    allowed = set(guard_of(_machine).transitions)

    assert allowed == states.transitions_of(model, field)


@pytest.mark.parametrize("_machine", machines(), ids=name_of)
def test_every_drawn_step_can_be_taken(_machine: Machine) -> None:
    for name, sources, target in methods_of(_machine):
        for source in sources:
            row = in_state(_machine, source)

            getattr(row, name)()

            assert getattr(row, _machine[1]) == target


@pytest.mark.parametrize("_machine", machines(), ids=name_of)
def test_a_step_that_is_not_drawn_is_refused_by_its_method(_machine: Machine) -> None:
    for name, sources, _ in methods_of(_machine):
        for source in set(all_states(_machine)) - sources:
            row = in_state(_machine, source)

            with pytest.raises(TransitionNotAllowed):
                getattr(row, name)()

            assert getattr(row, _machine[1]) == source


@pytest.mark.django_db
@pytest.mark.parametrize("_machine", machines(), ids=name_of)
def test_a_step_that_is_not_drawn_is_refused_by_the_database(_machine: Machine) -> None:
    drawn = states.transitions_of(*_machine)
    make_scratch_table(_machine)

    for before, after in product(all_states(_machine), repeat=2):
        if before == after or (before, after) in drawn:
            write(_machine, before, after)
        else:
            with pytest.raises(InternalError, match="Invalid transition"):
                write(_machine, before, after)


@pytest.mark.django_db
@pytest.mark.parametrize("_machine", machines(), ids=name_of)
def test_the_trigger_is_on_the_table_itself_for_every_row(_machine: Machine) -> None:
    model, _ = _machine
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgenabled, tgtype FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = %s",
            [model._meta.db_table, guard_of(_machine).get_pgid(model)],
        )
        [(enabled, kind)] = cursor.fetchall()

    row, before, on_update = 1, 2, 16
    assert enabled == "O"
    assert kind == row | before | on_update


@pytest.mark.parametrize("_machine", machines(), ids=name_of)
def test_a_state_cannot_be_assigned(_machine: Machine) -> None:
    row = in_state(_machine, all_states(_machine)[0])

    with pytest.raises(AttributeError):
        setattr(row, _machine[1], all_states(_machine)[-1])

    assert getattr(row, _machine[1]) == all_states(_machine)[0]


@pytest.mark.django_db
def test_a_forbidden_write_to_a_real_row_is_refused_and_changes_nothing() -> None:
    shop = make_distributor(deposit_fen=0)
    shop.close()
    shop.save()

    with pytest.raises(InternalError, match="Invalid transition"), transaction.atomic():
        Distributor.objects.filter(pk=shop.pk).update(state="active")

    shop.refresh_from_db()
    assert shop.state == "closed"


@pytest.mark.django_db(transaction=True)
def test_no_thread_can_assign_a_state_while_others_re_read_theirs() -> None:
    shop = make_distributor(deposit_fen=0)
    outcomes: list[str] = []
    start = threading.Barrier(THREADS)

    def work(number: int) -> None:
        mine = Distributor.objects.get(pk=shop.pk)
        start.wait()
        for _ in range(TRIES):
            outcomes.append(_refresh(mine) if number % 2 else _assign(mine))
        connection.close()

    _run([threading.Thread(target=work, args=(number,)) for number in range(THREADS)])

    assert set(outcomes) == {"refreshed", "refused"}
    assert len(outcomes) == THREADS * TRIES


@pytest.mark.django_db
def test_a_row_that_is_gone_cannot_be_re_read_and_stays_protected() -> None:
    shop = make_distributor(deposit_fen=0)
    gone = Distributor.objects.get(pk=shop.pk)
    gone.pk = -1

    with pytest.raises(Distributor.DoesNotExist):
        gone.refresh_from_db()

    assert gone.state == "active"
    assert _assign(gone) == "refused"


def _refresh(row: Distributor) -> str:
    row.refresh_from_db()
    return "refreshed" if row.state == "active" else f"re-read as {row.state}"


def _assign(row: models.Model) -> str:
    try:
        row.state = "closed"  # type: ignore[attr-defined]
    except AttributeError:
        return "refused"
    return "assigned"


def _run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
