"""Every address of the dashboard, as a table of contents."""

from django.urls import path

from dashboard.views import access_codes, activity, checklist, locks, properties, search, stays, today
from dashboard.views.calendars import decisions, feeds
from dashboard.views.people import cleaning_day, invitations, outbox, people, sessions, staff
from dashboard.views.seam import connections, demo_outbox, sandbox, webhook

urlpatterns = [
    # Other programs (MachinesMiddleware): first, for they ask most often
    path("seam/webhook/", webhook.webhook, name="seam-webhook"),
    path("healthz", webhook.health, name="health"),
    # Today
    path("", today.overview, name="overview"),
    path("today/", today.day, name="overview-day"),
    # Connections
    path("connections/", connections.connections, name="connections"),
    path("connections/list/", connections.connections_list, name="connections-list"),
    path("connections/link/", connections.link, name="connection-link"),
    path("connections/opening/<int:pk>/", connections.opening, name="connection-opening"),
    path("connections/opening/<int:pk>/state/", connections.opening_state, name="connection-opening-state"),
    path("connections/return/", connections.come_back, name="connect-webview-return"),
    path("connections/<int:pk>/reconnect/", connections.reconnect, name="connection-reconnect"),
    path("connections/<int:pk>/sync/", connections.sync, name="connection-sync"),
    path("connections/<int:pk>/unlink/", connections.unlink, name="connection-unlink"),
    path("connections/<int:pk>/keep/", connections.keep, name="connection-keep"),
    # Locks
    path("locks/", locks.locks, name="locks"),
    path("locks/<int:pk>/", locks.lock, name="lock"),
    path("locks/<int:pk>/state/", locks.lock_state, name="lock-state"),
    path("locks/<int:pk>/guests/", locks.lock_guests, name="lock-guests"),
    path("locks/<int:pk>/codes/", locks.lock_codes, name="lock-codes"),
    path("locks/<int:pk>/test/", locks.lock_test, name="lock-test"),
    path("locks/<int:pk>/test/start/", locks.lock_test_start, name="lock-test-start"),
    path("locks/<int:pk>/events/", locks.lock_events, name="lock-events"),
    path("locks/<int:pk>/lock/", locks.lock_door, name="lock-lock"),
    path("locks/<int:pk>/unlock/", locks.unlock_door, name="lock-unlock"),
    path("locks/<int:pk>/refresh/", locks.refresh, name="lock-refresh"),
    path("locks/<int:pk>/resume/", locks.resume, name="lock-resume"),
    # Codes
    path("access-codes/", access_codes.access_codes, name="access-codes"),
    path("access-codes/issue/", access_codes.issue, name="access-code-issue"),
    path("access-codes/<int:pk>/", access_codes.access_code, name="access-code"),
    path("access-codes/<int:pk>/state/", access_codes.access_code_state, name="access-code-state"),
    path("access-codes/<int:pk>/change/", access_codes.change, name="access-code-change"),
    path("access-codes/<int:pk>/revoke/", access_codes.revoke, name="access-code-revoke"),
    path("access-codes/<int:pk>/give-back/", access_codes.give_back, name="access-code-give-back"),
    path("access-codes/<int:pk>/retry/", access_codes.retry, name="access-code-retry"),
    path("access-codes/<int:pk>/reissue/", access_codes.reissue, name="access-code-reissue"),
    path("access-codes/<int:pk>/reveal/", access_codes.reveal, name="access-code-reveal"),
    path("access-codes/<int:pk>/pin/", access_codes.pin, name="access-code-pin"),
    # Stays
    path("stays/", stays.stays, name="stays"),
    path("stays/timeline/", stays.timeline, name="stay-timeline"),
    path("stays/add/", stays.add, name="stay-add"),
    path("stays/<int:stay_id>/", stays.stay, name="stay"),
    path("stays/<int:stay_id>/edit/", stays.edit, name="stay-edit"),
    path("stays/<int:stay_id>/cancel/", stays.cancel, name="stay-cancel"),
    path("stays/<int:stay_id>/automatic/", stays.automatic, name="stay-automatic"),
    path("stays/<int:stay_id>/export/", stays.export, name="stay-export"),
    path("stays/<int:stay_id>/access-codes/", stays.access_codes, name="stay-access-codes"),
    # Calendars
    path("calendars/", feeds.calendars, name="calendars"),
    path("calendars/add/", feeds.add, name="calendar-add"),
    path("calendars/<int:pk>/", feeds.calendar, name="calendar"),
    path("calendars/<int:pk>/edit/", feeds.edit, name="calendar-edit"),
    path("calendars/<int:pk>/check/", feeds.check, name="calendar-check"),
    path("calendars/<int:pk>/remove/", feeds.remove, name="calendar-remove"),
    path("calendars/changes/<int:pk>/accept/", decisions.accept, name="calendar-change-accept"),
    path("calendars/changes/<int:pk>/ignore/", decisions.ignore, name="calendar-change-ignore"),
    path("calendars/sets/<int:pk>/undo/", decisions.undo, name="calendar-set-undo"),
    path("calendars/bookings/<int:pk>/", decisions.booking, name="calendar-booking"),
    # Properties
    path("properties/", properties.properties, name="properties"),
    path("properties/add/", properties.add, name="property-add"),
    path("properties/<int:property_id>/", properties.property_page, name="property"),
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
    path("search/", search.search, name="search"),
    # History
    path("activity/", activity.activity, name="activity"),
    path("activity/export/", activity.export, name="activity-export"),
    # The sandbox's time control
    path("sandbox/advance/", sandbox.advance, name="sandbox-advance"),
    path("sandbox/afresh/", sandbox.afresh, name="sandbox-afresh"),
    path("sandbox/outbox/", demo_outbox.outbox, name="sandbox-outbox"),
    path("sandbox/outbox/<int:pk>/", demo_outbox.message, name="sandbox-message"),
    path("sandbox/outbox/<int:pk>/body/", demo_outbox.body, name="sandbox-message-body"),
    # People
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.change, name="person-change"),
    path("people/<int:pk>/remove/", people.remove, name="person-remove"),
    path("people/known-pins/", people.known_pins, name="known-pins"),
    path("people/second-factor/", people.second_factor, name="second-factor"),
    path("people/invite/", invitations.invite, name="invite"),
    path("people/invitations/<int:pk>/resend/", invitations.resend, name="invitation-resend"),
    path("people/invitations/<int:pk>/withdraw/", invitations.withdraw, name="invitation-withdraw"),
    path("invitations/<str:token>/", invitations.open_link, name="invitation-open"),
    path("invitation/", invitations.accept, name="invitation"),
    # Sessions of a person
    path("accounts/sessions/<int:pk>/end/", sessions.end, name="session-end"),
    # Messages
    path("messages/", outbox.outbox, name="outbox"),
    path("messages/list/", outbox.outbox_list, name="outbox-list"),
    path("messages/<int:pk>/try-again/", outbox.try_again, name="message-try-again"),
    # Staff codes
    path("staff/", staff.staff, name="staff"),
    path("staff/add/", staff.add, name="staff-add"),
    path("staff/<int:pk>/", staff.member, name="staff-member"),
    path("staff/<int:pk>/doors/", staff.member_doors, name="staff-doors"),
    path("staff/<int:pk>/edit/", staff.edit, name="staff-edit"),
    path("staff/<int:pk>/remove/", staff.remove, name="staff-remove"),
    path("staff/<int:pk>/new-pin/", staff.new_pin, name="staff-new-pin"),
    path("staff/<int:pk>/reveal/", staff.reveal, name="staff-reveal"),
    path("staff/<int:pk>/pin/", staff.pin, name="staff-pin"),
    # A cleaner's own page
    path("my-day/", cleaning_day.cleaning_day, name="cleaning-day"),
    path("my-day/pin/", cleaning_day.own_pin, name="cleaning-day-pin"),
    # The first-run checklist
    path("first-run/put-away/", checklist.put_away, name="first-run-put-away"),
]
