"""Pages travel compressed; answers that hold a secret do not."""

import gzip

from django.urls import reverse

from properties.tests.builders import make_code, make_lock

ACCEPTS = {"HTTP_ACCEPT_ENCODING": "gzip"}


def test_page_is_compressed_for_browser_that_can_read_it(owner_client, organization):
    make_lock(organization)
    page = owner_client.get(reverse("locks"), **ACCEPTS)
    assert page["Content-Encoding"] == "gzip"
    assert b"Front Door" in gzip.decompress(page.content)
    assert len(page.content) < len(gzip.decompress(page.content)) / 3


def test_for_another_one_it_is_plain(owner_client):
    assert "Content-Encoding" not in owner_client.get(reverse("locks"))


def test_answer_with_pin_is_never_compressed(owner_client, organization):
    code = make_code(make_lock(organization))
    answer = owner_client.post(reverse("access-code-reveal", args=[code.pk]), **ACCEPTS)
    assert "482" in answer.content.decode()
    assert "Content-Encoding" not in answer
