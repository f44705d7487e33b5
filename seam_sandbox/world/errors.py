"""Errors of a request: raised anywhere, answered in Seam's error envelope."""

from typing import Any


class Problem(Exception):
    """An error answer: status, type, message, and further fields of the envelope."""

    def __init__(
        self, status: int, kind: str, message: str, headers: dict[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message
        self.headers, self.extra = headers or {}, extra

    def envelope(self) -> dict[str, Any]:
        return {"error": {"type": self.kind, "message": self.message, **self.extra}, "ok": False}


def invalid(field: str, message: str) -> Problem:
    """Refuse one field, in the shape of Seam's validation errors."""
    return invalid_input({field: [message]})


def invalid_input(fields: dict[str, list[str]], whole: list[str] | None = None) -> Problem:
    errors: dict[str, Any] = {"_errors": whole or []}
    for path, messages in fields.items():
        spot = errors
        for part in path.split("."):
            spot = spot.setdefault(part, {"_errors": []})
        spot["_errors"] = messages
    first = next(iter(fields.items()), None)
    text = f'{first[1][0]} for "{first[0]}"' if first else "; ".join(whole or ["Invalid input"])
    return Problem(400, "invalid_input", text, validation_errors=errors)


def not_found(what: str) -> Problem:
    """Build the 404 of one kind of object: ``device`` → ``device_not_found``."""
    return Problem(404, f"{what}_not_found", f"{what.replace('_', ' ').capitalize()} not found")
