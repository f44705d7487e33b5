"""Checks answers against Seam's OpenAPI document, whose path the variable SEAM_OPENAPI names."""

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from werkzeug import Request
from werkzeug.test import run_wsgi_app

from seam_sandbox.server import SeamSandbox
from seam_sandbox.world.simulated_clock import parse_instant

VARIABLE = "SEAM_OPENAPI"

formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or bool(parse_instant(value))


@formats.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(uuid.UUID(value))


class Contract:
    def __init__(self, document: dict[str, Any]) -> None:
        self.paths: dict[str, Any] = document["paths"]
        self._schemas = _modern(document["components"]["schemas"])
        self._validators: dict[str, Any] = {}

    def methods(self, path: str) -> set[str]:
        return {method.upper() for method in self.paths[path]}

    def problems(self, path: str, body: object) -> list[str]:
        """Describe what is wrong with a 200 answer."""
        return [f"{error.json_path}: {error.message[:200]}" for error in self._validator(path).iter_errors(body)]

    def _validator(self, path: str) -> Any:
        if path not in self._validators:
            answer = self.paths[path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
            schema = _modern(answer) | {"components": {"schemas": self._schemas}}
            self._validators[path] = Discriminating(schema, format_checker=formats)
        return self._validators[path]


@cache
def published() -> Contract | None:
    """Load the contract, if this machine has it."""
    path = os.environ.get(VARIABLE)
    return Contract(json.loads(Path(path).read_text())) if path else None


class Recorder:
    """Wraps the sandbox, checks every answer, and keeps what is wrong with it."""

    def __init__(self, app: SeamSandbox) -> None:
        self._app = app.wsgi_app
        self.problems: list[str] = []
        self.seen: set[str] = set()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        path = Request(environ).path
        if path.startswith("/_sandbox/") or path == "/connect_webviews/view":
            return self._app(environ, start_response)
        chunks, status, headers = run_wsgi_app(self._app, environ)
        start_response(status, list(headers.items()))
        if not headers.get("content-type", "").startswith("application/json"):
            return chunks
        return self._watched(path, int(status[:3]), headers.get("seam-request-id"), chunks)

    def _watched(self, path: str, status: int, request_id: str | None, chunks: Iterable[bytes]) -> Iterator[bytes]:
        body = b""
        for chunk in chunks:  # a fault rule may end the body early
            body += chunk
            yield chunk
        found = self._problems(path, status, request_id, json.loads(body))
        self.problems += [f"{path} {status} {problem}" for problem in found]

    def _problems(self, path: str, status: int, request_id: str | None, body: dict[str, Any]) -> list[str]:
        if not request_id:
            return ["has no seam-request-id"]
        if status != 200:
            return _envelope_problems(body)
        self.seen.add(path)
        contract = published()
        return contract.problems(path, body) if contract else []


def _envelope_problems(body: dict[str, Any]) -> list[str]:
    error = body.get("error", {})
    is_right = (
        body.get("ok") is False
        and isinstance(error.get("type"), str)
        and isinstance(error.get("message"), str)
        and (error["type"] != "invalid_input" or "validation_errors" in error)
    )
    return [] if is_right else [f"is not Seam's error envelope: {body}"]


def _modern(schema: Any) -> Any:
    """Convert OpenAPI 3.0 to JSON Schema: ``nullable`` becomes a type."""
    if isinstance(schema, list):
        return [_modern(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _modern(value) for key, value in schema.items() if key not in ("nullable", "discriminator")}
    # A property named "nullable" would be a dict.
    if schema.get("nullable") is True:
        return {"anyOf": [{"type": "null"}, plain]}
    return plain


def _one_of(validator: Any, branches: list[Any], value: Any, schema: Any) -> Iterator[ValidationError]:
    """Try only the branches whose constants (``event_type``, ``error_code``, …) match the value."""
    fitting = [branch for branch in branches if _has_constants(branch, value)]
    if not fitting:
        yield ValidationError(f"is none of the published variants: {str(value)[:150]}")
        return
    attempts = [list(validator.descend(value, branch)) for branch in fitting]
    if all(attempts):
        yield from attempts[0]


def _has_constants(branch: Any, value: Any) -> bool:
    if not isinstance(value, dict):
        return True
    properties = branch.get("properties", {})
    return all(
        value.get(name) == property_["enum"][0]
        for name, property_ in properties.items()
        if isinstance(property_, dict) and len(property_.get("enum", ())) == 1 and name in branch["required"]
    )


Discriminating = validators.extend(Draft202012Validator, {"oneOf": _one_of})
