"""What pages remember: which forms were sent."""

from django.conf import settings
from django.db import models


class SentForm(models.Model):
    """A form that created something: its key, and the page that its person was led to."""

    key = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    answer_url = models.CharField(max_length=500)
    sent_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="form_sent_once")]

    def __str__(self) -> str:
        return f"Form {self.pk} of person {self.user_id}"
