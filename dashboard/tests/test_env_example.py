"""`.env.example` names every variable that the settings read, and none that they do not."""

import re

from django.conf import settings

# Says where the other variables stand, so it cannot stand among them.
NOT_IN_THE_FILE = {"ENV_FILE"}


def test_every_variable_is_explained_and_every_explained_one_exists():
    explained = re.findall(r"^# ?([A-Z_]+)=", (settings.BASE_DIR / ".env.example").read_text(), re.M)
    source = (settings.BASE_DIR / "dashboard" / "settings.py").read_text()
    read = re.findall(r'(?:\benv(?:\.\w+)?|\bevery|environ\.get)\(\s*"([A-Z_]+)"', source)

    assert set(explained) == set(read) - NOT_IN_THE_FILE
    assert len(explained) == len(set(explained))
