"""Every view that asks for a right, tried from both sides: by a person who lacks only this one, and with it alone."""

from django.test import Client
from django.urls import resolve

from accounts.models import Membership, Right, Role, User
from dashboard.tests.cast import client_of
from dashboard.tests.whole.test_strangers import ADDRESSES, world  # noqa: F401 - a fixture
from properties.tests.builders import make_user

VIEWS = {path: resolve(path).func for path in ADDRESSES}
GUARDED = [(path, view.right) for path, view in VIEWS.items() if hasattr(view, "right")]
# On the sandbox only: test_sandbox_time.py; for who asked: test_connection_opening.py; owners: test_second_factor.py.
ASK_FOR_MORE = ("/sandbox/", "/connections/opening/", "/people/second-factor/")
# What takes a POST and asks for no right: one's own things, reading anew, and what other programs call.
FREE = {"health", "invitation", "cleaning-day-pin", "seam-webhook", "session-end"}


def client_with(organization, role: Role, **grants: list[str]) -> Client:
    user = make_user(f"somebody{User.objects.count()}@example.net", organization, role)
    Membership.objects.filter(user=user).update(**grants)
    return client_of(User.objects.get(pk=user.pk))


def answer(client: Client, path: str):
    """As a browser would come there: by a link, else by a button."""
    found = client.get(path)
    return client.post(path, {}) if found.status_code == 405 else found


def test_every_right_but_looking_guards_some_view():
    """Looking is asked for on the way to every page (dashboard/middleware.py)."""
    assert {right for _, right in GUARDED} == set(Right) - {Right.LOOK_AROUND}
    assert len(GUARDED) > 25


def test_view_refuses_when_its_right_is_missing(world, organization):  # noqa: F811
    wrong = {}
    for right in Right:
        others = [one.value for one in Right if one is not right]
        client = client_with(organization, Role.FRONT_DESK, granted=others, withheld=[right.value])
        for path in [path for path, asked in GUARDED if asked is right]:
            found = answer(client, path)
            if found.status_code != 403 or f"not allow you to {right.words}." not in found.content.decode():
                wrong[path] = found.status_code
    assert wrong == {}


def test_view_opens_with_its_right_alone(world, organization):  # noqa: F811
    wrong = {}
    for right in Right:
        client = client_with(organization, Role.CLEANER, granted=[right.value, Right.LOOK_AROUND.value])
        for path in [path for path, asked in GUARDED if asked is right]:
            found = answer(client, path)
            if found.status_code in (403, 404) and not path.startswith(ASK_FOR_MORE):
                wrong[path] = found.status_code
    assert wrong == {}


def test_what_anybody_may_change_is_known(world, colleague_client):  # noqa: F811
    """A new view that takes a POST has to ask for a right, or be put on the list."""
    takes_posts = set()
    for path in ADDRESSES:
        found = resolve(path)
        is_ours = getattr(found.func, "__module__", "").startswith("dashboard.")
        if is_ours and not hasattr(found.func, "right") and colleague_client.post(path, {}).status_code != 405:
            takes_posts.add(found.url_name)
    assert takes_posts == FREE
