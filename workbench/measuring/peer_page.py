"""Opens healthchecks' page of checks whenever a line comes in, and says the processor seconds that it took.

Runs in healthchecks' own folder with its own Python: nothing of ours is imported here. The first argument is how many
checks there are, the second a folder for its database.
"""

import gc
import os
import sys
import time
from pathlib import Path


def main(count: int, folder: Path) -> None:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "hc.settings", "DEBUG": "False", "DB_NAME": str(folder / "hc.sqlite")}
    os.environ |= {"SECRET_KEY": "of-a-measurement", "ALLOWED_HOSTS": "*", "REGISTRATION_OPEN": "False"}
    sys.path.insert(0, os.getcwd())
    import django  # noqa: PLC0415 - after the environment is set
    from django.conf import settings  # noqa: PLC0415

    # Its stylesheets and scripts were not built; a page only names them.
    settings.COMPRESS_ENABLED, settings.COMPRESS_OFFLINE = False, False
    settings.LOGGING_CONFIG = None
    django.setup()
    client, url = _fill(count)
    for _ in sys.stdin:
        gc.collect()
        begun = time.process_time()
        answer = client.get(url)
        taken = time.process_time() - begun
        assert answer.status_code == 200
        assert answer.content.count(b"checks-row") >= count
        sys.stdout.write(f"{taken}\n")
        sys.stdout.flush()


def _fill(count: int):  # type: ignore[no-untyped-def]
    """A user with so many checks that are up, as in its own tests, and their browser."""
    from datetime import timedelta  # noqa: PLC0415

    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.utils.timezone import now  # noqa: PLC0415
    from hc.accounts.models import Profile, Project  # noqa: PLC0415
    from hc.api.models import Channel, Check  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    user = User.objects.create(username="alice", email="alice@example.org")
    Profile.objects.create(user=user, check_limit=2 * count)
    project = Project.objects.create(owner=user, name="Homes", badge_key="alice")
    channels = [Channel.objects.create(project=project, kind="email", value=f"{n}@example.org") for n in range(2)]
    for n in range(count):
        check = Check.objects.create(project=project, name=f"Check {n}", slug=f"check-{n}", tags="homes", status="up")
        Check.objects.filter(pk=check.pk).update(last_ping=now() - timedelta(minutes=n), n_pings=n + 1)
        check.channel_set.set(channels)
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)  # type: ignore[arg-type]
    return client, f"/projects/{project.code}/checks/"


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
