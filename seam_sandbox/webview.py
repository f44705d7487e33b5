"""The Connect Webview page: choose a provider, log in, return. It works without JavaScript.

Seam does not document its own page in detail; only where this one redirects to follows the documentation.
"""

import secrets
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from werkzeug import Request, Response

from seam_sandbox.lifecycles import seed, webview_lifecycle
from seam_sandbox.state import Sandbox
from seam_sandbox.world.records import Webview

TEMPLATES = {path.stem: Template(path.read_text()) for path in (Path(__file__).parent / "templates").glob("*.html")}
# The credentials of every simulated account (Seam's sample data for Wyze).
PASSWORD, API_KEY = "1234", "ABC123ABC"  # noqa: S105  (published, and of use nowhere else)
REFUSED = "Wyze did not accept these details. Check the e-mail address, the password, the API Key ID and the API Key."
OVER = {
    "authorized": "This link was used already. Ask for a new one to connect another account.",
    "failed": "This link can no longer be used. Go back and ask for a new one.",
}


def view(sandbox: Sandbox, request: Request) -> Response:
    with sandbox.lock:
        sandbox.tick()
        try:
            return _view(sandbox, request)
        finally:
            sandbox.save()


def _view(sandbox: Sandbox, request: Request) -> Response:
    webview = _find(sandbox, request.args)
    if webview is None:
        return _show_message(404, "Link not found", "This link is not valid. Go back and ask for a new one.")
    if request.method not in ("GET", "POST"):
        return _show_message(405, "Not possible", "This page can only be read and submitted.")
    if webview.status != "pending":
        return _show_message(410, "Link already used", OVER[webview.status])
    if request.method == "GET":
        return _show_start(webview, request.args)
    if request.form.get("action") == "cancel":
        return _cancel(sandbox, webview)
    return _connect(sandbox, webview, request)


def _find(sandbox: Sandbox, query: Mapping[str, str]) -> Webview | None:
    webview = sandbox.world.webviews.get(query.get("connect_webview_id", ""))
    token = query.get("auth_token", "")
    if webview and secrets.compare_digest(webview.auth_token.encode(), token.encode()):
        return webview
    return None


# Logging in


def _show_start(webview: Webview, query: Mapping[str, str]) -> Response:
    """Show the choice of provider, or the login at once if only one is accepted."""
    if webview.accepted_providers and "wyze" not in webview.accepted_providers:
        content = _fill("message", role="", message="The sandbox has no accounts of the providers asked for.")
        return _render_page(200, "Connect an account", content + _fill("cancel", action=_build_address(webview)))
    only_wyze = webview.accepted_providers == ["wyze"]
    if query.get("provider") == "wyze" or only_wyze:
        return _show_login(webview, 200)
    question = _fill("message", role="", message="Which account do you want to connect?")
    cancel = _fill("cancel", action=_build_address(webview))
    return _render_page(200, "Connect an account", question + _render_choices(webview, "") + cancel)


def _render_choices(webview: Webview, current: str) -> str:
    mark = Markup(' aria-current="page"' if current else "")
    choice = _fill("choice", href=f"{_build_address(webview)}&provider=wyze", current=mark, name="Wyze")
    return _fill("providers", choices=Markup(choice))


def _show_login(webview: Webview, status: int, complaint: str = "", email: str = "") -> Response:
    alarm = f'<p class="alarm" id="complaint" role="alert">{escape(complaint)}</p>' if complaint else ""
    form = _fill(
        "login",
        action=_build_address(webview),
        complaint=Markup(alarm),
        email=email,
        described=Markup(' aria-describedby="complaint"' if complaint else ""),
    )
    return _render_page(status, "Connect your Wyze account", _render_choices(webview, "wyze") + form)


def _connect(sandbox: Sandbox, webview: Webview, request: Request) -> Response:
    """Log in; as at Seam, the webview stays pending after wrong details."""
    email = request.form.get("email", "").strip().lower()
    given = tuple(request.form.get(name, "").strip() for name in ("password", "api_key_id", "api_key"))
    if given != (PASSWORD, API_KEY, API_KEY) or not seed.is_known(email):
        return _show_login(webview, 422, REFUSED, email)
    try:
        webview_lifecycle.log_in(sandbox.world, webview, email)
    except webview_lifecycle.Refused as refused:
        return _show_login(webview, 422, str(refused), email)
    return _redirect(webview.custom_redirect_url, webview, {}, "Account connected", "You can close this tab.")


# Leaving


def _cancel(sandbox: Sandbox, webview: Webview) -> Response:
    webview_lifecycle.fail(sandbox.world, webview)
    told = {"error_code": "user_cancelled", "error_message": "The login was cancelled."}
    address = webview.custom_redirect_failure_url or webview.custom_redirect_url
    return _redirect(address, webview, told, "Nothing was connected", "You can close this tab.")


def _redirect(address: str | None, webview: Webview, told: dict[str, str], title: str, message: str) -> Response:
    if address is None:
        return _show_message(200, title, message)
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [("connect_webview_id", webview.id), *told.items()]
    return _forbid_caching(
        Response(status=303, headers={"Location": urlunsplit(parts._replace(query=urlencode(query)))})
    )


# Pages


class Markup(str):
    """Text that already is HTML."""


def _fill(template: str, **values: str) -> Markup:
    safe = {name: value if isinstance(value, Markup) else escape(value) for name, value in values.items()}
    return Markup(TEMPLATES[template].substitute(safe))


def _build_address(webview: Webview) -> str:
    query = {"connect_webview_id": webview.id, "auth_token": webview.auth_token}
    return f"/connect_webviews/view?{urlencode(query)}"


def _show_message(status: int, title: str, message: str) -> Response:
    role = Markup(' class="alarm" role="alert"' if status >= 400 else "")
    return _render_page(status, title, _fill("message", role=role, message=message))


def _render_page(status: int, title: str, content: str) -> Response:
    html = _fill("page", title=title, content=Markup(content))
    return _forbid_caching(Response(html, status, content_type="text/html; charset=utf-8"))


def _forbid_caching(response: Response) -> Response:
    """Forbid caching and Referer, because the address of the page is a secret."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
