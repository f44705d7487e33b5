"""Reads and deletions take parameters in the query, encoded as Seam's clients do."""

from seam.strict_url_search_params_serializer import serialize_url_search_params

from seam_sandbox.tests.caller import Caller


def get(seam: Caller, path: str, params: dict, method: str = "GET") -> dict:
    response = seam.send(method, f"{path}?{serialize_url_search_params(params)}")
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_query_takes_texts_and_numbers(jane: Caller) -> None:
    assert len(get(jane, "/devices/list", {"limit": 2, "search": "lake"})["devices"]) == 2


def test_query_takes_lists_as_repeated_keys(jane: Caller) -> None:
    ids = [jane.device_id("Lake House Front Door"), jane.device_id("Harbor Loft 2A")]
    found = get(jane, "/devices/list", {"device_ids": ids})["devices"]
    assert [device["device_id"] for device in found] == ids
    assert len(get(jane, "/devices/list", {"device_ids": ids[:1]})["devices"]) == 1


def test_query_takes_nested_objects_as_dotted_keys(seam: Caller) -> None:
    wanted = seam.webview(custom_metadata={"booking": "17", "vip": True})
    seam.webview(custom_metadata={"booking": "18"})
    params = {"custom_metadata_has": {"booking": "17", "vip": True}}
    found = get(seam, "/connect_webviews/list", params)["connect_webviews"]
    assert [each["connect_webview_id"] for each in found] == [wanted["connect_webview_id"]]


def test_empty_cursor_means_first_page(jane: Caller) -> None:
    response = jane.send("GET", "/devices/list?_strict=true&limit=3&page_cursor=")
    assert len(response.json()["devices"]) == 3


def test_invalid_query_is_refused_like_body(jane: Caller) -> None:
    response = jane.send("GET", "/devices/list?limit=many&device_ids=nonsense")
    errors = response.json()["error"]["validation_errors"]
    assert errors["limit"]["_errors"] == ["Expected number, received string"]
    assert errors["device_ids"]["0"]["_errors"] == ["Invalid uuid"]


def test_delete_takes_query(seam: Caller) -> None:
    webview_id = seam.webview()["connect_webview_id"]
    get(seam, "/connect_webviews/delete", {"connect_webview_id": webview_id}, method="DELETE")
    assert seam("/connect_webviews/list")["connect_webviews"] == []
