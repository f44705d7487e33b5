"""Whatever a check reads marks the stays it touches, whoever writes it and however."""

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from properties.models import AccessCode, ConnectedAccount, Door, Guest, Lock, Property, Stay, Unit, VerdictMark
from properties.tests.builders import NOW, make_code, make_lock, make_stay, other_code
from properties.tests.verdict import scene
from properties.verdict import marking
from properties.verdict.loading import assess

pytestmark = pytest.mark.django_db
ROWS = (Stay, Guest, Unit, Property, Door, Lock, ConnectedAccount, AccessCode)
TABLES = {model._meta.db_table: model for model in (*ROWS, Door.units.through)}
WATCHED = {(rule.table, column) for rule in marking.RULES for column in rule.columns}
# Never change once a row is there; of an account, nothing but what is watched is told.
FIXED = {"id"}
ERRORS = [
    [],
    [{"error_code": "failed_to_set_on_device", "message": "No."}],
    [{"error_code": "account_disconnected"}],
    [{"error_code": "x", "is_device_error": True}],
]
MUTATIONS = [
    [],
    [{"mutation_code": "updating_time_frame"}],
    [{"mutation_code": "deferring_creation", "scheduled_at": (NOW + timedelta(days=2)).isoformat()}],
]
SPECIAL: dict[str, list[Any]] = {
    "errors": ERRORS,
    "pending_mutations": MUTATIONS,
    "other_codes": [[], [other_code("X")] * 3],
    "battery_level": [None, 0.0, 0.2, 0.9],
    "keypad_battery_level": [None, 0.1, 0.9],
    "battery_status": ["", "low", "good"],
    "seam_status": ["", "unknown", "set"],
    "code_capacity": [None, 0, 1, 40],
    "time_zone": ["Europe/Berlin", "Asia/Tokyo"],
}


def candidates(field: models.Field) -> list[Any]:
    """Values for a column that make a difference somewhere."""
    found = SPECIAL.get(field.name) or _by_type(field)
    return [*found, None] if field.null and None not in found else found


def _by_type(field: models.Field) -> list[Any]:
    if isinstance(field, models.ForeignKey | models.OneToOneField):
        return list(field.related_model._default_manager.order_by("pk").values_list("pk", flat=True))
    if isinstance(field, models.DateTimeField):
        return [NOW + timedelta(hours=hours) for hours in (-240, -25, -1, 0, 2, 30, 200)]
    if isinstance(field, models.DateField):
        return [date(2026, 6, 1), date(2026, 6, 6)]
    if isinstance(field, models.TimeField):
        return [time(9), time(17)]
    if isinstance(field, models.BooleanField):
        return [True, False]
    if isinstance(field, models.JSONField):
        return [[], [{"message": "Trouble."}]]
    if isinstance(field, models.UUIDField):
        return ["11111111-1111-4111-8111-111111111111"]
    return ["Another"]


# --- Which columns the checks read, found out by watching them -----------------------------------------------


def test_every_column_that_check_reads_is_watched(monkeypatch):
    scene.build()
    read: set[tuple[str, str]] = set()
    with monkeypatch.context() as patch:
        for model in ROWS:
            patch.setattr(model, "__getattribute__", recorder(model, read), raising=False)
        with CaptureQueriesContext(connection) as asked:
            for _ in every_change():
                assess(Stay.objects.standing().filter(ends_at__gt=NOW).with_places(), NOW, NOW)
    for query in asked:
        conditions = query["sql"].partition(" FROM ")[2]
        if query["sql"].startswith("SELECT"):
            named = re.findall(r'"(properties_\w+)"\."(\w+)"', conditions)
            read |= {(table, column) for table, column in named if table in TABLES}
    unwatched = {f"{table}.{column}" for table, column in read - WATCHED if column not in FIXED}
    assert len(read) > 50
    assert not unwatched


def recorder(model: type[models.Model], read: set[tuple[str, str]]) -> Callable[[Any, str], Any]:
    columns = {name: field.column for field in model._meta.concrete_fields for name in (field.name, field.attname)}

    def get(self: Any, name: str) -> Any:
        if name in columns:
            read.add((model._meta.db_table, columns[name]))
        return object.__getattribute__(self, name)

    return get


def every_change() -> Iterator[None]:
    """The scene with each watched column at each of its values, one at a time, on all rows and on one."""
    yield
    for table, column in sorted(WATCHED):
        model = TABLES[table]
        field = next(field for field in model._meta.concrete_fields if field.column == column)
        for value in candidates(field):
            with transaction.atomic():
                try:
                    with transaction.atomic():
                        model._default_manager.update(**{field.attname: value})
                    yield
                except IntegrityError:
                    pass
                transaction.set_rollback(True)


# --- Each column, each way to write it -----------------------------------------------------------------------


def save(row: models.Model, field: models.Field, value: Any) -> None:
    setattr(row, field.attname, value)
    row.save(update_fields=[field.name])


def update(row: models.Model, field: models.Field, value: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**{field.attname: value})


def bulk_update(row: models.Model, field: models.Field, value: Any) -> None:
    setattr(row, field.attname, value)
    type(row)._default_manager.bulk_update([row], [field.name])


def plain_sql(row: models.Model, field: models.Field, value: Any) -> None:
    table, column = row._meta.db_table, field.column
    with connection.cursor() as cursor:
        statement = f"UPDATE {table} SET {column} = %s WHERE id = %s"  # noqa: S608 - our own names
        cursor.execute(statement, [field.get_db_prep_save(value, connection), row.pk])


WAYS = (save, update, bulk_update, plain_sql)


def write(way: Callable[..., None], row: models.Model, field: models.Field, value: Any) -> bool:
    """False where a constraint forbids it."""
    try:
        with transaction.atomic():
            way(row, field, value)
    except IntegrityError:
        return False
    return True


@pytest.mark.parametrize("table", sorted({table for table, _ in WATCHED}))
def test_stored_equals_judged_after_each_change(table):
    scene.build()
    scene.settle()
    model, ways = TABLES[table], itertools.cycle(WAYS)
    rows = itertools.cycle(model._default_manager.order_by("pk"))
    for column in sorted(column for known, column in WATCHED if known == table):
        field = next(field for field in model._meta.concrete_fields if field.column == column)
        written, values = 0, candidates(field)
        # Each value once and each way once, whichever takes longer.
        turns = itertools.islice(itertools.cycle(values), max(len(values), len(WAYS)))
        for row, way, value in zip(rows, ways, turns, strict=False):
            before = getattr(row, field.attname)
            if write(way, row, field, value):
                written += 1
                settled_equals_judged(said=f"{table}.{column} = {value!r} by {way.__name__}")
            write(update, row, field, before)
        assert written, column


def settled_equals_judged(now: datetime = NOW, said: str = "") -> None:
    scene.settle(now)
    assert scene.stored(now) == scene.judged(now), said


# --- Rows that come and go -----------------------------------------------------------------------------------


def close_door(dice: Callable[[Any], Any]) -> None:
    doors = dice(Door)
    if doors is not None:
        doors.delete()


def drop_account(dice: Callable[[Any], Any]) -> None:
    ConnectedAccount.objects.filter(pk=dice(ConnectedAccount).pk).update(errors=ERRORS[2])


def let_in(dice: Callable[[Any], Any]) -> None:
    door, unit = dice(Door), dice(Unit)
    if door is not None:
        door.units.set([unit])


def take_place(dice: Callable[[Any], Any]) -> None:
    lock = dice(Lock)
    pin = f"{AccessCode.objects.count() + 51:02}4917"
    make_code(lock, "Guest", pin, seam_id=f"{AccessCode.objects.count():032x}")


def forget_code(dice: Callable[[Any], Any]) -> None:
    code = dice(AccessCode)
    AccessCode.objects.filter(replaced_by=None, pk=code.pk if code is not None else 0).delete()


def add_stay(dice: Callable[[Any], Any]) -> None:
    make_stay(dice(Unit), "New", 4)


def plan(dice: Callable[[Any], Any]) -> None:
    stay = dice(Stay)
    if not stay.is_over(NOW) and stay.unit.doors.exists():
        scene.planned(stay)


COMINGS_AND_GOINGS = (close_door, drop_account, let_in, take_place, forget_code, add_stay, plan)


@pytest.mark.parametrize("change", COMINGS_AND_GOINGS)
def test_stored_equals_judged_after_rows_come_and_go(change):
    scene.build()
    scene.settle()
    change(lambda model: model._default_manager.order_by("pk").first())
    settled_equals_judged()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_stored_equals_judged_whatever_happens(data, db):
    with transaction.atomic():
        scene.build()
        scene.settle()
        now = NOW
        for _ in range(data.draw(st.integers(1, 6))):
            any_change(data)
            now += data.draw(st.sampled_from([timedelta(0), timedelta(minutes=16), timedelta(hours=7)]))
            if data.draw(st.booleans()):
                settled_equals_judged(now)
        settled_equals_judged(now)
        transaction.set_rollback(True)


def any_change(data: Any) -> None:
    def dice(model: type[models.Model]) -> Any:
        rows = list(model._default_manager.order_by("pk"))
        return data.draw(st.sampled_from(rows)) if rows else None

    if data.draw(st.integers(0, 3)) == 0:
        change = data.draw(st.sampled_from(COMINGS_AND_GOINGS))
        with transaction.atomic():
            change(dice)
        return
    table, column = data.draw(st.sampled_from(sorted(WATCHED)))
    model = TABLES[table]
    field = next(field for field in model._meta.concrete_fields if field.column == column)
    row = dice(model)
    if row is not None:
        write(data.draw(st.sampled_from(WAYS)), row, field, data.draw(st.sampled_from(candidates(field))))


# --- What must not mark --------------------------------------------------------------------------------------


def test_readings_that_change_no_verdict_mark_nobody():
    scene.build()
    scene.settle()
    later = NOW + timedelta(minutes=10)
    ConnectedAccount.objects.update(synced_at=later)
    Lock.objects.update(read_at=later, heard_at=later, locked_at=later)
    AccessCode.objects.exclude(observed_at=None).update(observed_at=later)
    assert not VerdictMark.objects.exists()


def test_reading_that_was_waited_for_marks():
    scene.build()
    ConnectedAccount.objects.update(synced_at=None)
    Lock.objects.update(read_at=NOW - timedelta(days=2), heard_at=None)
    scene.settle()
    Lock.objects.filter(name="Loft").update(heard_at=NOW)
    settled_equals_judged()
    ConnectedAccount.objects.update(synced_at=NOW)
    settled_equals_judged()


def test_place_that_was_waited_for_marks():
    scene.build()
    Lock.objects.update(code_capacity=0)
    waiting = scene.planned(make_stay(Unit.objects.get(name="Loft"), "Waiting", 30))
    Lock.objects.update(code_capacity=3)
    scene.settle()
    AccessCode.objects.exclude(stay=waiting).update(removed_at=NOW)
    settled_equals_judged()


def test_past_stays_are_not_marked():
    scene.build()
    scene.settle()
    Lock.objects.update(is_online=False)
    marked = set(VerdictMark.objects.values_list("stay__guest__name", flat=True))
    assert "Past" not in marked
    assert "Anna" in marked


def test_every_stay_has_row_and_is_marked_from_beginning():
    scene.build()
    names = set(Stay.objects.values_list("pk", flat=True))
    assert set(VerdictMark.objects.values_list("stay", flat=True)) == names
    assert Stay.objects.filter(judgement=None).count() == 0


def test_another_lock_marks_only_stays_behind_it(organization):
    scene.build()
    scene.settle()
    Lock.objects.filter(name="Loft").update(is_online=False)
    assert set(VerdictMark.objects.values_list("stay__unit__name", flat=True)) == {"Loft"}
    VerdictMark.objects.all().delete()
    make_lock(organization, "Nowhere", is_online=False)
    assert not VerdictMark.objects.exists()


def test_triggers_survive_being_put_back():
    scene.build()
    scene.settle()
    marking.install(connection)
    marking.install(connection)
    marked = VerdictMark.objects.values("stay").distinct().count()
    assert marked == Stay.objects.filter(judgement__is_open=True).count()
    marking.uninstall(connection)
    VerdictMark.objects.all().delete()
    Lock.objects.update(is_online=False)
    assert not VerdictMark.objects.exists()
    marking.install(connection)


def test_rules_name_tables_and_columns_that_exist():
    known = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for table, column in WATCHED:
        assert column in {field.column for field in known[table]._meta.concrete_fields}
