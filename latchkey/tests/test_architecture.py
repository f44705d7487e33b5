"""The rules of the tree: imports point one way, names say what a file is for, saves name columns."""

import ast
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from latchkey.tests.source_checks import asserts_over_wall_time, clock_reads, unscoped_queries, untranslated_texts

ROOT = Path(settings.BASE_DIR)
# Each may import itself and what stands to its right.
LAYERS = ["latchkey", "dashboard", "seam_integration", "calendars", "outbox", "properties", "accounts"]
SANDBOX = "seam_sandbox"
# Packages of one height do not import each other.
SIBLINGS = ["seam_integration", "calendars", "guests"]
# The rooms of each app, in the same order: each may import itself and what stands to its right.
ROOMS = {
    "properties": ["reading", "changes", "verdict", "codes", "models", "values"],
    "calendars": ["applying", "deciding", "reading", "fetching"],
    "seam_integration": ["inbox", "locks", "accounts", "api"],
    "dashboard": ["views", "entrance", "forms", "history", "drawings", "rows", "frame"],
}
MOST_LOOSE_FILES = 12
LONGEST_TEST_NAME = 60
FORBIDDEN_NAMES = {"utils", "helpers", "services", "common", "signals", "misc", "manager", "base"}
# The packages the sandbox may use besides the standard library.
SANDBOX_MAY_USE = {"_typeshed", "isodate", "requests", "urllib3", "werkzeug"}
# Plain SQL, in one module of an app; each says in its docstring which need was measured.
HOLD_RAW_SQL = {"properties/verdict/marking.py", "seam_integration/fast_rows.py"}
# Queries in views that need no `for_user`, and why.
NARROWED_OTHERWISE = {
    ("activity.py", "_entries", "Activity.objects"): "its numbers come from the person's rows",
    ("checklist.py", "put_away", "Organization.objects"): "the person's own organization",
    ("guards.py", "own_or_404", "get_object_or_404"): "of rows narrowed in the same line",
    ("guards.py", "held_or_404", "get_object_or_404"): "of rows narrowed in the line before",
    ("guards.py", "answered", "SentForm.objects"): "keys of forms that the person sent",
    ("locks.py", "state_context", "LockCommand.objects"): "of a lock that came through own_or_404",
    ("locks.py", "refresh", "Lock.objects"): "a lock that came through own_or_404",
    ("locks.py", "resume", "Lock.objects"): "a lock that came through own_or_404",
    ("properties.py", "door_delete", "AccessCode.objects"): "of a door that came through own_or_404",
    ("stays.py", "_list_rows", "AccessCode.objects"): "prefetched for the person's stays",
    ("stays.py", "_lanes", "Stay.objects"): "of the person's units",
    ("seam/demo_outbox.py", "outbox", "Message.objects"): "the demo only: all mail of this machine's own people",
    ("seam/demo_outbox.py", "_message", "get_object_or_404"): "the demo only: all mail of this machine's own people",
    ("people/cleaning_day.py", "_me", "StaffMember.objects"): "the person themself",
    ("people/cleaning_day.py", "_context", "Unit.objects"): "behind the person's own doors",
    ("people/cleaning_day.py", "_context", "Stay.objects"): "of the units behind the person's own doors",
    ("people/invitations.py", "accept", "User.objects"): "whose address the invitation names, which is a secret link",
    (
        "people/invitations.py",
        "_opened",
        "Invitation.objects",
    ): "by the hash of a secret link, before who opens it joins",
    ("people/invitations.py", "_accept_as_known", "UserSession.objects"): "the session of this request",
    ("people/sessions.py", "end", "get_object_or_404"): "the person's own sessions",
    ("people/people.py", "remove", "StaffMember.objects"): "of a member who came through own_or_404",
}
MAY_ASK_THE_CLOCK = {
    ("calendars/applying/check.py", "check_feed", "timezone.now"): "a lease is in real time: it guards processes",
    ("calendars/fetching/http.py", "", "monotonic"): "the deadline of a connection is in real time",
    ("calendars/tasks.py", "sweep", "clock.now"): "an entry point",
    ("calendars/tasks.py", "check_feed", "clock.now"): "an entry point",
    ("dashboard/frame/context.py", "now", "clock.now"): "an error page of a request that got no instant",
    (
        "dashboard/frame/context.py",
        "worker_seen_at",
        "timezone.now",
    ): "heartbeats are in real time, unlike pages",
    ("dashboard/views/seam/webhook.py", "webhook", "clock.now"): "an entry point: its requests pass no middleware",
    ("dashboard/views/seam/webhook.py", "health", "timezone.now"): "an entry point: its requests pass no middleware",
}


# Rooms whose texts all go through gettext. Verdicts, history and commands keep their sentences in rows, in English.
TRANSLATED = [
    "dashboard",
    "accounts/forms.py",
    "properties/changes",
    "properties/reading",
    "properties/models/places.py",
    "properties/values/wording.py",
    "properties/values/staff_hours.py",
    "properties/codes/pins.py",
    "seam_integration/api/problems.py",
    "seam_integration/accounts/connect_webviews.py",
]
STAY_ENGLISH = {
    "accounts/forms.py": "names of new rows",
    "dashboard/demo.py": "names of the demo",
    "dashboard/history/csv_export.py": "headings that a script reads",
    "dashboard/models.py": "a row's name in the admin",
    "dashboard/frame/context.py": "a fault of ours",
    "dashboard/views/seam/webhook.py": "an answer to a machine",
    "properties/changes/leaving.py": "what the history keeps",
    "properties/changes/moving.py": "what the history keeps",
    "properties/changes/people.py": "what the history keeps",
    "properties/changes/stays_and_places.py": "what the history keeps",
    "properties/changes/suggestions.py": "names of new rows",
}


def python_files(*folders: str) -> list[Path]:
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    )


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """Each file is parsed once, for all the rules."""
    return list(ast.walk(ast.parse(path.read_text())))


@cache
def imports_of(path: Path) -> set[str]:
    """Return full names of the modules a file imports."""
    package = list(path.relative_to(ROOT).parent.parts)
    found: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            found |= {f"{source}.{alias.name}" for alias in node.names}
    return found


def is_test(path: Path) -> bool:
    return "tests" in path.parts or path.name == "conftest.py"


APP_FILES = [path for path in python_files(*LAYERS, SANDBOX) if not is_test(path)]
ALL_FILES = [*python_files(*LAYERS, SANDBOX), ROOT / "conftest.py", ROOT / "manage.py"]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_one_way(layer):
    forbidden = set(LAYERS[: LAYERS.index(layer)])
    wrong = {
        f"{named(path)} imports {name}"
        for path in APP_FILES
        if path.relative_to(ROOT).parts[0] == layer
        for name in imports_of(path)
        if name.split(".")[0] in forbidden
    }
    assert not wrong


@pytest.mark.parametrize("app", ROOMS)
def test_rooms_of_app_import_one_way(app):
    rooms = ROOMS[app]
    wrong = {
        f"{named(path)} imports {name}"
        for path in APP_FILES
        if path.relative_to(ROOT).parts[0] == app and path.relative_to(ROOT).parts[1] in rooms
        for name in imports_of(path)
        if name.split(".")[0] == app and name.split(".")[1] in rooms[: rooms.index(path.relative_to(ROOT).parts[1])]
    }
    assert not wrong


@pytest.mark.parametrize("sibling", SIBLINGS)
def test_siblings_do_not_import_each_other(sibling):
    others = set(SIBLINGS) - {sibling}
    wrong = {
        f"{named(path)} imports {name}"
        for path in APP_FILES
        if path.relative_to(ROOT).parts[0] == sibling
        for name in imports_of(path)
        if name.split(".")[0] in others
    }
    assert not wrong


def test_no_folder_holds_more_than_12_loose_files():
    loose = Counter(path.parent for path in [*APP_FILES, *python_files("workbench")])
    assert not [named(folder) for folder, files in loose.items() if files > MOST_LOOSE_FILES]


def test_sandbox_imports_neither_project_nor_django():
    own = python_files("seam_sandbox")
    wrong = {
        f"{named(path)} imports {name}"
        for path in own
        if not is_test(path)
        for name in imports_of(path)
        if not name.startswith(f"{SANDBOX}.")
        and name.split(".")[0] not in sys.stdlib_module_names
        and name.split(".")[0] not in SANDBOX_MAY_USE
    }
    assert own
    assert not wrong


def test_only_its_command_and_tests_import_sandbox():
    """The integration cannot tell the sandbox from Seam."""
    wrong = {
        f"{named(path)} imports {name}"
        for path in APP_FILES
        if not module_of(path).startswith(SANDBOX) and "management" not in path.parts
        for name in imports_of(path)
        if name.startswith(SANDBOX)
    }
    assert not wrong


def test_no_file_has_forbidden_name():
    assert not [named(path) for path in APP_FILES if path.stem.strip("_") in FORBIDDEN_NAMES]


def test_first_line_of_each_file_says_its_reason():
    silent = []
    for path in ALL_FILES:
        source = path.read_text()
        first = next((line for line in source.splitlines() if not line.startswith("#!")), "")
        if source.strip() and not (first.startswith('"""') and len(first) > 15):
            silent.append(named(path))
    assert not silent


def calls_of(path: Path, method: str) -> list[ast.Call]:
    return [
        node
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    ]


def test_save_names_its_columns():
    """There are three writers of a row: a bare save would write old values over new ones."""
    bare = [
        f"{named(path)}:{call.lineno}"
        for path in APP_FILES
        for call in calls_of(path, "save")
        if not {"update_fields", "force_insert"} & {keyword.arg for keyword in call.keywords}
        and not is_about_no_row(path, call)
    ]
    assert not bare


def test_update_of_name_writes_its_search_form_too():
    names = {"name", "holder_name", "email", "phone", "address", "text"}
    stale = [
        f"{named(path)}:{call.lineno}"
        for path in APP_FILES
        if module_of(path).startswith(("properties", "dashboard", "seam_integration"))
        for call in calls_of(path, "update")
        if names & (written := {keyword.arg for keyword in call.keywords}) and "search_text" not in written
    ]
    assert not stale


def is_about_no_row(path: Path, call: ast.Call) -> bool:
    """Whether this save writes no existing row: the sandbox has none, `create_user` makes one."""
    return module_of(path).startswith(SANDBOX) or (
        named(path) == "accounts/models.py" and {keyword.arg for keyword in call.keywords} == {"using"}
    )


@pytest.mark.parametrize("method", ["bulk_update", "update_or_create"])
def test_whole_rows_are_written_only_by_their_single_writer(method):
    """Rows kept this way have one writer: sync, registration, heartbeat, clock or catch-up."""
    writers = {module_of(path) for path in APP_FILES for _ in calls_of(path, method)}
    assert writers <= {"seam_integration.clock", "seam_integration.tasks", "seam_integration.inbox.webhooks"}


@pytest.mark.parametrize("folder", ["dashboard/views", "dashboard/rows", "dashboard/frame", "properties", "calendars"])
def test_instant_is_argument(folder):
    """Only entry points ask the clock: one page, one instant."""
    read = {
        (named(path), function, clock): line
        for path in python_files(folder)
        if not is_test(path)
        for line, function, clock in clock_reads(path.read_text())
    }
    allowed = {place for place in MAY_ASK_THE_CLOCK if place[0].startswith(folder)}
    assert {f"{place}:{read[place]}" for place in set(read) - allowed} == set()
    assert allowed <= set(read), "no longer needed in MAY_ASK_THE_CLOCK"


def test_every_view_filters_by_organization():
    """A query goes through `for_user` or `own_or_404`, or stands below with the reason why it need not."""
    found = {
        (named(path).removeprefix("dashboard/views/"), function, query): line
        for path in python_files("dashboard/views")
        for line, function, query in unscoped_queries(path.read_text())
    }
    assert {f"{place}:{found[place]}" for place in set(found) - set(NARROWED_OTHERWISE)} == set()
    assert set(NARROWED_OTHERWISE) <= set(found), "no longer needed in NARROWED_OTHERWISE"


def test_raw_sql_stands_in_one_module_of_app():
    found = {named(path) for path in APP_FILES for node in nodes_of(path) if is_raw_sql(node)}
    assert found == HOLD_RAW_SQL
    assert len({path.split("/")[0] for path in found}) == len(found)


def is_raw_sql(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("cursor", "raw", "extra")
    return isinstance(node, ast.alias) and node.name == "RawSQL"


def test_names_of_tests_are_short():
    long = [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in ALL_FILES
        if is_test(path)
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and len(node.name) > LONGEST_TEST_NAME
    ]
    assert not long


def test_no_test_asserts_on_wall_time():
    """A busy machine is no fault of the code: tests assert order and counts."""
    wrong = [
        f"{named(path)}:{line}"
        for path in ALL_FILES
        if is_test(path)
        for line in asserts_over_wall_time(path.read_text())
    ]
    assert not wrong


def test_texts_for_people_go_through_gettext():
    paths = [path for path in APP_FILES if named(path).startswith(tuple(TRANSLATED)) and "management" not in path.parts]
    found = {(named(path), line, text) for path in paths for line, _, text in untranslated_texts(path.read_text())}
    assert {place for place in found if place[0] not in STAY_ENGLISH} == set()
    assert {path for path, _, _ in found} == set(STAY_ENGLISH), "no longer needed in STAY_ENGLISH"
