"""`.env.example` names every variable that the settings read, and none that they do not."""

import re

from django.conf import settings

# Says where the other variables stand, so it cannot stand among them.
NOT_IN_THE_FILE = {"ENV_FILE"}
ONLY_IN_COMPOSE = {"POSTGRES_PASSWORD"}


def explained_variables() -> list[str]:
    return re.findall(r"^# ?([A-Z_]+)=", (settings.BASE_DIR / ".env.example").read_text(), re.M)


def test_every_variable_is_explained_and_every_explained_one_exists():
    explained = explained_variables()
    source = (settings.BASE_DIR / "latchkey" / "settings.py").read_text()
    read = re.findall(r'(?:\benv(?:\.\w+)?|\bevery|environ\.get)\(\s*"([A-Z_]+)"', source)

    assert set(explained) - ONLY_IN_COMPOSE == set(read) - NOT_IN_THE_FILE
    assert len(explained) == len(set(explained))


def test_compose_passes_only_variables_that_are_explained():
    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{([A-Z_]+):", compose)) <= set(explained_variables())
