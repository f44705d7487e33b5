"""The rules of the tree: imports point one way, names say what a file is for, saves name columns."""

import ast
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# Each may import itself and what stands to its right.
LAYERS = ["latchkey", "dashboard", "seam_integration", "properties", "accounts"]
SANDBOX = "seam_sandbox"
# Packages of one height do not import each other.
SIBLINGS = ["seam_integration", "calendars", "guests"]
# The rooms of each app, in the same order: each may import itself and what stands to its right.
ROOMS = {
    "properties": ["reading", "changes", "verdict", "codes", "models", "values"],
    "seam_integration": ["inbox", "locks", "accounts", "api"],
    "dashboard": ["views", "forms", "history", "drawings", "rows", "frame"],
}
MOST_LOOSE_FILES = 12
FORBIDDEN_NAMES = {"utils", "helpers", "services", "common", "signals", "misc", "manager", "base"}
# The packages the sandbox may use besides the standard library.
SANDBOX_MAY_USE = {"_typeshed", "isodate", "requests", "urllib3", "werkzeug"}
# Rows that only people write, from a form that shows every column.
SAVED_AS_A_WHOLE = {
    ("properties/changes/stays_and_places.py", "place.save()"),
    ("properties/changes/stays_and_places.py", "stay.guest.save()"),
}


def python_files(*folders: str) -> list[Path]:
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    )


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Return full names of the modules a file imports."""
    package = list(path.relative_to(ROOT).parent.parts)
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
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
def test_rooms_of_an_app_import_one_way(app):
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


def test_only_its_command_and_tests_import_the_sandbox():
    """The integration cannot tell the sandbox from Seam."""
    wrong = {
        f"{named(path)} imports {name}"
        for path in APP_FILES
        if not module_of(path).startswith(SANDBOX) and "management" not in path.parts
        for name in imports_of(path)
        if name.startswith(SANDBOX)
    }
    assert not wrong


def test_no_file_has_a_forbidden_name():
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
        for node in ast.walk(ast.parse(path.read_text()))
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
        and (named(path), ast.unparse(call)) not in SAVED_AS_A_WHOLE
    ]
    assert not bare


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


def test_views_and_domain_do_not_ask_the_clock():
    wrong = [
        f"{named(path)} imports {name}"
        for path in python_files("dashboard/views", "properties")
        if not is_test(path)
        for name in imports_of(path)
        if name in ("datetime.datetime.now", "time.time") or name == "django.utils.timezone.now"
    ]
    calls = [
        f"{named(path)}:{call.lineno}"
        for path in APP_FILES
        if path.relative_to(ROOT).parts[0] == "properties"
        for method in ("now", "utcnow", "today")
        for call in calls_of(path, method)
    ]
    assert not wrong + calls


def test_every_view_filters_by_organization():
    """A view finds a row through `for_user` or `own_or_404`, or through a row that did."""
    wrong = []
    for path in python_files("dashboard/views"):
        for line_number, line in enumerate(path.read_text().splitlines(), start=1):
            if "get_object_or_404(" in line and path.stem != "guards" and "import" not in line:
                wrong.append(f"{named(path)}:{line_number}")
    assert not wrong
