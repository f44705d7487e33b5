"""Validates parameters as Seam does and reports errors in the same shape (that of the zod library).

A field is a function from a value to the value to use. Values of a query are strings; with ``loose`` they are parsed
as what the field expects. Unknown parameters are ignored.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from seam_sandbox.world.errors import invalid_input
from seam_sandbox.world.simulated_clock import format_instant, parse_instant

Params = dict[str, Any]
Read = Callable[[Any, bool], Any]


class Bad(ValueError):
    """A refused value with its reason; ``inside`` is the path of the error within the value."""

    def __init__(self, message: str, inside: str = "") -> None:
        super().__init__(message)
        self.message, self.inside = message, inside


@dataclass(frozen=True)
class Field:
    read: Read
    is_required: bool = False
    is_nullable: bool = False

    @property
    def required(self) -> "Field":
        return replace(self, is_required=True)

    @property
    def nullable(self) -> "Field":
        return replace(self, is_nullable=True)


def check(fields: Mapping[str, Field], given: Params, loose: bool) -> Params:
    """Return the validated parameters, or raise one problem that names every invalid one."""
    taken: Params = {}
    wrong: dict[str, list[str]] = {}
    for name, field in fields.items():
        if name not in given:
            if field.is_required:
                wrong[name] = ["Required"]
            continue
        value = given[name]
        if value is None or (loose and value == "" and field.is_nullable):
            if field.is_nullable:
                taken[name] = None
            elif not loose:
                wrong[name] = ["Required" if field.is_required else "Expected a value, received null"]
            continue
        try:
            taken[name] = field.read(value, loose)
        except Bad as bad:
            wrong[f"{name}.{bad.inside}".rstrip(".")] = [bad.message]
    if wrong:
        raise invalid_input(wrong)
    return taken


def from_query(query: Mapping[str, list[str]]) -> Params:
    """Decode a query of Seam's clients: repeated keys are lists, dotted keys nest, ``_strict`` is dropped."""
    given: Params = {}
    for key, values in query.items():
        if key == "_strict":
            continue
        outer, dot, inner = key.removesuffix("[]").partition(".")
        if dot:
            given.setdefault(outer, {})[inner] = values[-1] or None
        else:
            given[outer] = values[0] if len(values) == 1 else values
    return given


def _kind(value: Any) -> str:
    kinds = {bool: "boolean", str: "string", int: "number", float: "number", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _expect(value: Any, kind: str) -> None:
    if _kind(value) != kind:
        raise Bad(f"Expected {kind}, received {_kind(value)}")


def text(shortest: int = 0, longest: int = 0, pattern: str = "", complaint: str = "Invalid") -> Field:
    def read(value: Any, loose: bool) -> str:
        _expect(value, "string")
        if len(value) < shortest:
            raise Bad(f"String must contain at least {shortest} character(s)")
        if longest and len(value) > longest:
            raise Bad(f"String must contain at most {longest} character(s)")
        if pattern and not re.fullmatch(pattern, value, re.ASCII):
            raise Bad(complaint)
        return str(value)

    return Field(read)


def choice(*options: str) -> Field:
    def read(value: Any, loose: bool) -> str:
        if value not in options:
            listed = " | ".join(f"'{option}'" for option in options)
            raise Bad(f"Invalid enum value. Expected {listed}, received '{value}'")
        return str(value)

    return Field(read)


def number(least: float = 0, most: float = 0, whole: bool = False) -> Field:
    def read(value: Any, loose: bool) -> float:
        if loose and isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                raise Bad("Expected number, received string") from None
        _expect(value, "number")
        if not isfinite(value):
            raise Bad("Expected number, received nan")
        if value < least:
            raise Bad(f"Number must be greater than or equal to {least:g}")
        if most and value > most:
            raise Bad(f"Number must be less than or equal to {most:g}")
        if whole and value != int(value):
            raise Bad("Expected integer, received float")
        return int(value) if value == int(value) else float(value)

    return Field(read)


def many(item: Field) -> Field:
    def read(value: Any, loose: bool) -> list[Any]:
        if loose and not isinstance(value, list):
            value = [value] if value else []
        _expect(value, "array")
        read_items = []
        for at, each in enumerate(value):
            try:
                read_items.append(item.read(each, loose))
            except Bad as bad:
                raise Bad(bad.message, str(at)) from None
        return read_items

    return Field(read)


def nested(fields: Mapping[str, Field]) -> Field:
    """An object with fields of its own."""

    def read(value: Any, loose: bool) -> Params:
        _expect(value, "object")
        read_fields: Params = {}
        for name, field in fields.items():
            if value.get(name) is not None:
                try:
                    read_fields[name] = field.read(value[name], loose)
                except Bad as bad:
                    raise Bad(bad.message, name) from None
            elif name in value and field.is_nullable:
                read_fields[name] = None
        return read_fields

    return Field(read)


def _read_id(value: Any, loose: bool) -> str:
    """Read an id of either shape (``World.new_id``)."""
    _expect(value, "string")
    if re.fullmatch(r"[a-z_]+[0-9]+", value):
        return str(value)
    try:
        read = str(uuid.UUID(value))
    except ValueError:
        read = ""
    if read != value.lower():  # Python also takes UUIDs without dashes or in braces
        raise Bad("Invalid uuid")
    return read


def _read_boolean(value: Any, loose: bool) -> bool:
    if loose and value in ("true", "false"):
        return bool(value == "true")
    _expect(value, "boolean")
    return bool(value)


def _read_time(value: Any, loose: bool) -> str:
    _expect(value, "string")
    try:
        return format_instant(parse_instant(value))
    except (ValueError, OverflowError):
        raise Bad("Invalid date") from None


def _read_url(value: Any, loose: bool) -> str:
    _expect(value, "string")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Bad("Invalid url")
    return str(value)


def _read_metadata(value: Any, loose: bool) -> dict[str, str | bool | None]:
    _expect(value, "object")
    if len(value) > 50:
        raise Bad("Custom metadata can have at most 50 keys")
    for key, each in value.items():
        if len(key) > 40 or "." in key:
            raise Bad("Keys can have at most 40 characters and no period", key)
        if each is not None and not isinstance(each, str | bool):
            raise Bad("Expected string or boolean", key)
        if isinstance(each, str) and len(each) > 500:
            raise Bad("String must contain at most 500 character(s)", key)
    return dict(value)


def _read_anything(value: Any, loose: bool) -> Any:
    return value


id_ = Field(_read_id)
boolean = Field(_read_boolean)
time = Field(_read_time)
url = Field(_read_url)
metadata = Field(_read_metadata)
anything = Field(_read_anything)
string = text()
filled = text(shortest=1)
pin = text(4, 12, r"\d+", "Must contain only digits")
