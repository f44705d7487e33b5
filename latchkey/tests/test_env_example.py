"""`.env.example` names exactly the variables that the settings read."""

import re

from django.conf import settings

# It names the file of the other variables, so it cannot be in that file.
NOT_IN_THE_FILE = {"ENV_FILE"}
ONLY_IN_COMPOSE = {"POSTGRES_PASSWORD"}


def explained_variables() -> list[str]:
    return re.findall(r"^# ?([A-Z_]+)=", (settings.BASE_DIR / ".env.example").read_text(), re.M)


def test_env_example_matches_variables_of_settings():
    explained = explained_variables()
    source = (settings.BASE_DIR / "latchkey" / "settings.py").read_text()
    read = re.findall(r'(?:\benv(?:\.\w+)?|\bevery|environ\.get)\(\s*"([A-Z_]+)"', source)

    assert set(explained) - ONLY_IN_COMPOSE == set(read) - NOT_IN_THE_FILE
    assert len(explained) == len(set(explained))


def test_compose_passes_only_explained_variables():
    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{([A-Z_]+):", compose)) <= set(explained_variables())
