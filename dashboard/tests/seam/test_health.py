"""The health check: answers everyone, without a log-in."""

from django.urls import reverse


def test_it_answers_without_log_in_database_or_sandbox(client, settings):
    settings.SANDBOX_CLOCK, settings.SEAM_ENDPOINT = True, "http://127.0.0.1:1"
    answer = client.get(reverse("health"))
    assert answer.status_code == 200
    assert answer.content.startswith(b"ok ")
    assert answer["Content-Type"] == "text/plain"


def test_it_answers_under_any_host_name_and_scheme(client, settings):
    """A container asks itself, by whatever name it has there."""
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(reverse("health"), headers={"host": "10.0.0.7:8000"}).status_code == 200
