"""What the architecture tests read from source: wall time in asserts, unscoped queries, clock reads, texts."""

import ast
import re
from collections.abc import Iterator

WALL_CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "time", "time_ns"}
# A place in the code: its line, the function around it, and what stands there.
Found = tuple[int, str, str]


def within_functions(tree: ast.AST, name: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every node, with the innermost function around it."""
    for child in ast.iter_child_nodes(tree):
        inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else name
        yield inner, child
        yield from within_functions(child, inner)


def last_name(node: ast.AST) -> str:
    """`time` of `time`, `self.time` and `module.time`."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


# Asserts over wall time


def reads_wall_clock(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and last_name(node.func.value) == "time"
        and node.func.attr in WALL_CLOCKS
    )


def reads_calendar_clock(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("now", "utcnow")
        and last_name(node.func.value) in ("datetime", "timezone")
    )


def is_age(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and any(map(reads_calendar_clock, ast.walk(node)))
    )


def kept_readings(tree: ast.AST) -> set[str]:
    """Names of variables and attributes that a reading of the wall clock is put into."""
    kept = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            value, targets = node.value, node.targets if isinstance(node, ast.Assign) else [node.target]
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "add")
        ):
            value, targets = ast.Tuple(node.args), [node.func.value]
        else:
            continue
        if any(map(reads_wall_clock, ast.walk(value))):
            kept |= {last_name(part) for target in targets for part in getattr(target, "elts", [target])}
    return kept - {""}


def asserts_over_wall_time(source: str) -> list[int]:
    """Lines of asserts that fail on a slow machine. The deadline of a waiting loop may stay."""
    if not any(word in source for word in ("time.", "now()", "elapsed")):
        return []
    tree = ast.parse(source)
    kept = kept_readings(tree)
    waiting = {id(inner) for loop in ast.walk(tree) if isinstance(loop, ast.While) for inner in ast.walk(loop)}

    def is_over_wall_time(node: ast.AST) -> bool:
        return (
            reads_wall_clock(node)
            or (isinstance(node, ast.Name | ast.Attribute) and last_name(node) in kept | {"elapsed"})
            or (isinstance(node, ast.Compare) and any(map(is_age, ast.walk(node))))
        )

    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert) and id(node) not in waiting and any(map(is_over_wall_time, ast.walk(node.test)))
    ]


# Queries that see every organization's rows

GIVEN_TO_ITS_OWNER = {"own_or_404", "held_or_404", "Prefetch"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404"}


def unscoped_queries(source: str) -> list[Found]:
    """Chains from a model's manager that neither go through `for_user` nor are handed to what narrows them.

    `own_or_404` narrows to the person's rows; `Prefetch` adds to rows that were narrowed before.
    """
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def is_scoped(node: ast.AST) -> bool:
        """Climb from the manager through its chain, then through the calls it is an argument of."""
        parent = parents[node]
        while isinstance(parent, ast.expr | ast.keyword):
            if isinstance(parent, ast.Attribute) and parent.attr == "for_user":
                return True
            if isinstance(parent, ast.Call) and node in parent.args and last_name(parent.func) in GIVEN_TO_ITS_OWNER:
                return True
            node, parent = parent, parents[parent]
        return False

    found = []
    for function, node in within_functions(tree):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and not is_scoped(node):
            found.append((node.lineno, function, ast.unparse(node)))
        if isinstance(node, ast.Call) and last_name(node.func) in SHORTCUTS:
            found.append((node.lineno, function, last_name(node.func)))
    return found


# Reads of a clock

CLOCKS = {
    "time": WALL_CLOCKS | {"localtime", "gmtime"},
    "timezone": {"now", "localdate"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "clock": {"now"},
}
# These ask the clock only where they are given no instant.
TOLD_OR_NOW = {"localdate", "localtime", "gmtime"}
CLOCK_IMPORTS = {
    "time": CLOCKS["time"],
    "django.utils.timezone": {"now", "localdate", "localtime"},
    "django.db.models.functions": {"Now"},
    "seam_integration.clock": {"now"},
}


def clock_reads(source: str) -> list[Found]:
    """Where code asks for the time rather than being told: by call, by reference, or by an import of such a name."""
    found = []
    tree = ast.parse(source)
    told = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call) and (node.args or node.keywords)}
    for function, node in within_functions(tree):
        if isinstance(node, ast.ImportFrom):
            names = CLOCK_IMPORTS.get(node.module or "", set())
            found += [(node.lineno, function, alias.name) for alias in node.names if alias.name in names]
        elif isinstance(node, ast.Attribute):
            base, name = last_name(node.value), node.attr
            is_clock = name in CLOCKS.get({"dt": "datetime"}.get(base, base), ()) or (base, name) == (
                "timezone",
                "localtime",
            )
            if is_clock and not (name in TOLD_OR_NOW and node in told):
                found.append((node.lineno, function, ast.unparse(node)))
    return found


# Texts that people read

GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "pgettext"}
# What their arguments say is kept in a row, logged, or is markup.
NOT_FOR_TRANSLATION = {
    "record",
    "_record",
    "_record_for_place",
    "_record_for_stay",
    "format_html",
    "format_html_join",
    "mark_safe",
    "exception",
}
FAULTS_OF_OURS = {"ValueError", "TypeError", "RuntimeError", "ImproperlyConfigured", "AssertionError"}
SENTENCE = re.compile(r"(?=.*[a-z]{3})(\{\}|[^A-Za-z<{]*[A-Z])[^<]*[A-Za-z}] [a-z{]")


def untranslated_texts(source: str) -> list[Found]:
    """Strings of two or more words that begin with a capital or a value, and do not go through gettext."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def is_excused(node: ast.AST) -> bool:
        """Climb to the statement: a docstring, an argument of gettext or of the history, a fault of ours."""
        while not isinstance(node, ast.stmt):
            node = parents[node]
            if isinstance(node, ast.JoinedStr):
                return True
            if isinstance(node, ast.Call) and last_name(node.func) in GETTEXT | NOT_FOR_TRANSLATION | FAULTS_OF_OURS:
                return True
            if isinstance(node, ast.Call) and "logger" in ast.unparse(node.func):
                return True
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)

    return [
        (getattr(node, "lineno", 0), function, text)
        for function, node in within_functions(tree)
        if (text := _text_of(node)) and SENTENCE.match(text) and not is_excused(node)
    ]


def _text_of(node: ast.AST) -> str:
    """A string, with {} for each value that is put into it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""
