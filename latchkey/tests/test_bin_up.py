"""`bin/up` on machines that lack something, simulated by a stand-in for Python."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

# Answers what the scripts ask of Python from environment variables, and records each call of pip.
PYTHON = """#!/bin/bash
case "$*" in
  *"version_info <"*) exit "${TOO_OLD:-0}" ;;
  *"import ensurepip"*) [ -z "${VENV_COMES_WITH:-}" ] || [ -e "$VENV_COMES_WITH" ] ;;
  *"%d.%d-venv"*) echo python3.11-venv ;;
  "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  "-m pip"*) echo "$*" >>pip-calls; echo "${PIP_SAYS:-}"; exit "${PIP_FAILS:-0}" ;;
  --version) echo "Python 3.9.2" ;;
  manage.py*) echo "runs: $*" ;;
esac
"""


class Machine:
    """A checkout (its path has a space), and a PATH on which our stand-in for Python comes first."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "my homes"
        shutil.copytree(settings.BASE_DIR / "bin", self.checkout / "bin")
        (self.checkout / "requirements.txt").write_text("Django\n")
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.add("python3", PYTHON)
        self.add("id", "#!/bin/sh\necho 1000\n")

    def add(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def up(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        path = f"{self.programs}:{os.environ['PATH']}"
        return subprocess.run(
            [self.checkout / "bin" / "up", *arguments],
            env={"PATH": path, **environment},
            cwd="/",
            capture_output=True,
            text=True,
        )

    def pip_calls(self) -> int:
        calls = self.checkout / "pip-calls"
        return len(calls.read_text().splitlines()) if calls.exists() else 0


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


def test_requirements_are_installed_again_when_changed(machine):
    first = machine.up("--verbosity", "2")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == [
        "Making the virtual environment …",
        "Installing requirements.txt (the first time this takes a minute or two) …",
        "runs: manage.py up --verbosity 2",
    ]

    assert machine.up().stdout == "runs: manage.py up\n"
    assert machine.pip_calls() == 1

    (machine.checkout / "requirements.txt").write_text("Django\ncelery\n")
    machine.up()
    assert machine.pip_calls() == 2


def test_missing_venv_module_is_explained_to_plain_user(machine):
    result = machine.up(VENV_COMES_WITH="/nowhere")
    assert result.returncode == 1
    assert "Python's venv module is missing" in result.stderr
    assert "sudo apt-get install python3.11-venv" in result.stderr
    assert not (machine.checkout / ".venv").exists()


def test_venv_module_is_installed_for_root_on_debian(machine):
    machine.add("id", "#!/bin/sh\necho 0\n")
    machine.add("apt-get", '#!/bin/sh\necho "$*" >>apt-calls\n')

    result = machine.up(VENV_COMES_WITH="apt-calls")

    assert result.returncode == 0, result.stderr
    assert (machine.checkout / "apt-calls").read_text().splitlines() == [
        "update",
        "install -y --no-install-recommends python3.11-venv",
    ]


def test_old_python_is_reported_with_its_version(machine):
    result = machine.up(TOO_OLD="1", PYTHON="python3")
    assert result.returncode == 1
    assert "Latchkey needs Python 3.11 or newer. python3 here: Python 3.9.2" in result.stderr
    assert "PYTHON=" in result.stderr


@pytest.mark.parametrize(
    ("pip_says", "sentence"),
    [
        (
            "NewConnectionError: Temporary failure in name resolution",
            "the package index is out of reach",
        ),
        ("No space left on device", "Installing requirements.txt failed: see above."),
    ],
)
def test_failed_installation_is_explained_and_retried(machine, pip_says, sentence):
    result = machine.up(PIP_FAILS="1", PIP_SAYS=pip_says)
    assert result.returncode == 1
    assert pip_says in result.stderr
    assert sentence in result.stderr

    assert machine.up().returncode == 0
    assert machine.pip_calls() == 2
