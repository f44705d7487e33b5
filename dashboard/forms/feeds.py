"""Forms of calendars: the address that a person pastes, and the rules of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from calendars.applying.feeds import same_feed
from calendars.deciding.channels import Channel
from calendars.fetching.addresses import Address, BadAddress, common_mistake, parse_address
from calendars.models import Feed
from calendars.reasons import Why, reason
from properties.models import Unit

MOST_WORDS, LONGEST_WORD, MOST_NIGHTS = 20, 60, 90


class FeedRulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the manager says of one calendar."""

    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), choices=lambda: [(one.value, one.label) for one in Channel]
    )
    words = forms.CharField(
        label=gettext_lazy("Words of a stay"),
        required=False,
        help_text=gettext_lazy("For other calendars: an event with one of these words is a stay. Separate by commas."),
    )

    closures_up_to = forms.IntegerField(
        label=gettext_lazy("Closures up to so many nights are stays"),
        required=False,
        help_text=gettext_lazy("Booking.com writes only “CLOSED”. Empty: ask about each. Often used: 14."),
    )

    class Meta:
        model = Feed
        fields = ["channel", "closures_up_to", "mirrors_others", "trusts_times", "z_is_local"]
        labels = {
            "mirrors_others": gettext_lazy("This channel imports the calendars of others"),
            "trusts_times": gettext_lazy("Use the check-in and check-out times of this calendar"),
            "z_is_local": gettext_lazy("Its times are local times"),
        }
        help_texts = {
            "mirrors_others": gettext_lazy("A closure with the nights of another stay is then no double booking."),
            "trusts_times": gettext_lazy("Otherwise the property's usual times hold."),
            "z_is_local": gettext_lazy("Some calendars mark local times as UTC."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["words"].initial = ", ".join(map(str, self.instance.stay_words))

    def clean_closures_up_to(self) -> int | None:
        nights: int | None = self.cleaned_data["closures_up_to"]
        if nights is not None and not 1 <= nights <= MOST_NIGHTS:
            raise forms.ValidationError(_("From 1 to %(most)s nights, or empty.") % {"most": MOST_NIGHTS})
        return nights

    def clean_words(self) -> list[str]:
        words = [" ".join(word.split()) for word in self.cleaned_data["words"].replace("\0", "").split(",")]
        words = [word for word in words if word]
        if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
            raise forms.ValidationError(_("At most %(most)s short words.") % {"most": MOST_WORDS})
        return words

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.instance.stay_words = self.cleaned_data.get("words", [])


class FeedForm(FeedRulesForm):
    """A calendar to be connected: its unit and its address, too."""

    address = forms.CharField(
        label=gettext_lazy("Calendar address"),
        max_length=2000,
        help_text=gettext_lazy("It begins with https:// and is kept like a password."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )

    class Meta(FeedRulesForm.Meta):
        fields = ["unit", *FeedRulesForm.Meta.fields]
        labels = {"unit": gettext_lazy("Unit"), **FeedRulesForm.Meta.labels}

    field_order = ["unit", "channel", "address", "closures_up_to", "words"]

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        unit: Any = self.fields["unit"]
        unit.queryset, unit.empty_label = Unit.objects.for_user(user).with_places(), _("Choose a unit")

    def clean_address(self) -> Address:
        text = self.cleaned_data["address"]
        try:
            if mistake := common_mistake(text):
                raise BadAddress(mistake)
            return parse_address(text, settings.PRIVATE_FEED_HOSTS)
        except BadAddress as refused:
            raise forms.ValidationError(str(refused.reason)) from refused

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        address, unit = cleaned.get("address"), cleaned.get("unit")
        if address is not None and unit is not None:
            self.instance.organization_id = unit.organization_id
            self.instance.set_address(address)
            if (other := same_feed(self.instance)) is not None:
                self.add_error("address", str(reason(Why.KNOWN_ADDRESS, unit=str(other.unit))))
        return cleaned
