"""Registers endpoints: a path, its methods, its parameters, and the function that answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seam_sandbox.incoming.validation import Field, Params
from seam_sandbox.world.world import World

Answer = dict[str, Any]
Handler = Callable[[World, Params], Answer]

# Every endpoint takes POST. Reads also take GET, and so on.
ACTION = ("POST",)
READ = ("GET", "POST")
UPDATE = ("PATCH", "POST")
DELETE = ("DELETE", "POST")
# Seam's clients send the parameters of these in the query.
QUERY_METHODS = ("GET", "DELETE")


@dataclass(frozen=True)
class Endpoint:
    path: str
    methods: tuple[str, ...]
    fields: dict[str, Field]
    answer: Handler


ENDPOINTS: dict[str, Endpoint] = {}


def endpoint(path: str, methods: tuple[str, ...], **fields: Field) -> Callable[[Handler], Handler]:
    def register(answer: Handler) -> Handler:
        ENDPOINTS[path] = Endpoint(path, methods, fields, answer)
        return answer

    return register
