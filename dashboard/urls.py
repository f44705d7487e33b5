"""Every address, as a table of contents."""

from django.contrib import admin
from django.urls import include, path

from dashboard.views import properties, stays

urlpatterns = [
    # Stays
    path("stays/", stays.index, name="stays"),
    path("stays/add/", stays.add, name="stay-add"),
    path("stays/<int:stay_id>/", stays.page, name="stay"),
    path("stays/<int:stay_id>/edit/", stays.edit, name="stay-edit"),
    path("stays/<int:stay_id>/cancel/", stays.cancel, name="stay-cancel"),
    path("stays/<int:stay_id>/access-codes/", stays.access_codes, name="stay-access-codes"),
    # Properties
    path("properties/", properties.index, name="properties"),
    path("properties/add/", properties.add, name="property-add"),
    path("properties/<int:property_id>/", properties.page, name="property"),
    path("properties/<int:property_id>/edit/", properties.edit, name="property-edit"),
    path("properties/<int:property_id>/delete/", properties.delete, name="property-delete"),
    # Units
    path("properties/<int:property_id>/units/add/", properties.unit_add, name="unit-add"),
    path("units/<int:unit_id>/edit/", properties.unit_edit, name="unit-edit"),
    path("units/<int:unit_id>/delete/", properties.unit_delete, name="unit-delete"),
    # Doors
    path("properties/<int:property_id>/doors/add/", properties.door_add, name="door-add"),
    path("doors/<int:door_id>/edit/", properties.door_edit, name="door-edit"),
    path("doors/<int:door_id>/delete/", properties.door_delete, name="door-delete"),
    path("doors/suggestions/", properties.door_suggestions, name="door-suggestions"),
    path("doors/suggestions/accept/", properties.accept_suggestions, name="door-suggestions-accept"),
    path("locks/<int:lock_id>/accept-suggestion/", properties.accept_suggestion, name="lock-accept-suggestion"),
    # People
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
