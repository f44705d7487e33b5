"""The address of the client, behind as many proxies as TRUSTED_PROXIES says; what others claim is not believed."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104


def client_address(request: HttpRequest) -> str:
    """As an IP address. Each trusted proxy has added what it saw; whatever stands before that is the client's claim."""
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    count = settings.TRUSTED_PROXIES
    found = seen[-count] if count and len(seen) >= count else request.META.get("REMOTE_ADDR", "")
    return _address(found)


def _address(text: str) -> str:
    """Without a port and brackets, which some proxies add."""
    bare = text.partition("]")[0].lstrip("[") if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ip_address(bare))
    except ValueError:
        return UNKNOWN
