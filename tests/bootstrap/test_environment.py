"""What `./run` and `./test` stand on: set up once, again where torn, and told in plain words."""

import ast
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bootstrap import suits
from bootstrap.environment import CannotSetUp, check_system, entry_of, without_home

ROOT = Path(__file__).resolve().parents[2]

DEMO = "import json, os, sys\nprint(json.dumps({'argv': sys.argv[1:], 'cwd': os.getcwd()}))\n"
WITHOUT_ENSUREPIP = (
    "import sys; sys.modules['ensurepip'] = None; from bootstrap import environment as e; "
)
SEARCH = "def warm():\n    open('compiled', 'a').write('once ')\n"
NPM = """#!/bin/sh
echo "npm $*" >> "$ROOT/npm-was-asked"
rm -rf "$ROOT/node_modules" && sleep "${SLOW:-0}" && mkdir "$ROOT/node_modules"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A checkout with a lock of one small package, on a machine whose npm is a stand-in."""

    root: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.python(self.root / "run", *arguments)

    def python(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def run_cut_off(self) -> tuple[int, str]:
        """Interrupt a run, as Ctrl-C does, while npm is at work."""
        with subprocess.Popen(
            [sys.executable, self.root / "run", "--exit"],
            env=self.environment | {"SLOW": "30"},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as cut:
            while not self.npm_was_asked():
                assert cut.poll() is None
                time.sleep(0.05)
            os.killpg(cut.pid, signal.SIGINT)
            said, _ = cut.communicate()
        return cut.returncode, said

    def npm_was_asked(self) -> int:
        notes = self.root / "npm-was-asked"
        return notes.read_text().count("npm ci") if notes.exists() else 0

    def moved(self, root: Path) -> "Checkout":
        shutil.copytree(self.root, root, symlinks=True)
        return Checkout(root=root, environment=self.environment | {"ROOT": str(root)})


def a_wheel(folder: Path, content: str = "") -> str:
    """Write a wheel of one module; return its line in a lock."""
    wheel = folder / "parcel-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("parcel.py", content)
        file.writestr(
            "parcel-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: parcel\nVersion: 1.0\n"
        )
        file.writestr(
            "parcel-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        file.writestr("parcel-1.0.dist-info/RECORD", "")
    return f"parcel==1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def a_checkout(where: Path) -> Checkout:
    root, tools, wheels = (where / name for name in ("checkout", "tools", "wheels"))
    for folder in (root / "api", root / "bootstrap", root / "routing", tools, wheels):
        folder.mkdir(parents=True)
    for path in (ROOT / "run", *(ROOT / "bootstrap").glob("*.py")):
        (root / path.relative_to(ROOT)).write_bytes(path.read_bytes())
    (root / "api" / "cli.py").write_text(DEMO)
    (root / "routing" / "improve.py").write_text(SEARCH)
    (root / "requirements.lock").write_text(a_wheel(wheels))
    (root / "package-lock.json").write_text("{}")
    for name, text in {"npm": NPM, "node": "#!/bin/sh\n"}.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(where),
        "ROOT": str(root),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
    }
    return Checkout(root=root, environment=environment)


@pytest.fixture
def empty(tmp_path: Path) -> Checkout:
    """A checkout in which nothing was run yet."""
    return a_checkout(tmp_path)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a checkout's first three runs said: cut off, begun again, and once more."""
    checkout = a_checkout(tmp_path_factory.mktemp("life"))
    return {
        "cut off": checkout.run_cut_off(),
        "again": checkout.run("--exit", "--json", "out.json", "--seed", "7", "--data-dir", "kept"),
        "once more": checkout.run(),
        "checkout": checkout,
    }


@pytest.fixture
def made(life: dict[str, Any], tmp_path: Path) -> Checkout:
    """A checkout that was set up, to do anything with."""
    made: Checkout = life["checkout"].moved(tmp_path / "moved")
    return made


def test_a_set_up_that_is_interrupted_says_that_it_can_go_on(life):
    code, said = life["cut off"]
    assert code == 130
    assert "Making .venv" in said
    assert "./run begins again" in said


def test_after_an_interruption_only_what_is_missing_is_done(life):
    again = life["again"]
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Python packages" not in again.stdout
    assert "The console's packages are ready" in again.stdout


def test_the_demo_is_told_the_arguments_and_how_long_the_set_up_took(life):
    told = json.loads(life["again"].stdout.splitlines()[-1])
    root = str(life["checkout"].root)
    *passed_on, seconds = told["argv"]
    assert passed_on == [
        *("demo", "--exit", "--json", f"{root}/out.json", "--seed", "7"),
        *("--data-dir", f"{root}/kept", "--setup-seconds"),
    ]
    assert float(seconds) > 0
    assert told["cwd"] == root


def test_a_run_with_nothing_to_set_up_goes_straight_on(life):
    assert len(life["once more"].stdout.splitlines()) == 1
    assert life["checkout"].npm_was_asked() == 2


def test_the_search_is_compiled_once_and_again_when_its_source_was_touched(made: Checkout):
    told = made.root / "compiled"
    assert told.read_text() == "once "
    (made.root / "routing" / "improve.py").write_text(SEARCH.replace("once", "twice"))
    answer = made.run()
    assert answer.returncode == 0, answer.stderr
    assert "Compiling the search for routes" in answer.stdout
    assert told.read_text() == "once twice "


def test_the_locked_package_is_there_also_where_the_checkout_was_moved(made: Checkout):
    question = [made.root / ".venv" / "bin" / "python", "-c", "import parcel"]
    assert subprocess.run(question, check=False).returncode == 0


def test_a_package_that_is_not_the_locked_one_is_refused(made: Checkout):
    (made.root / "requirements.lock").write_text(f"parcel==1.0 --hash=sha256:{'0' * 64}\n")
    (made.root / "node_modules" / "surgeport-stamp").unlink()
    subprocess.run(
        [made.root / ".venv/bin/python", "-m", "pip", "uninstall", "--yes", "--quiet", "parcel"],
        check=True,
    )
    asked_before = made.npm_was_asked()
    answer = made.run("--exit")
    assert answer.returncode == 1
    assert "DO NOT MATCH THE HASHES" in answer.stderr
    assert "ended with exit code 1" in answer.stdout
    assert made.npm_was_asked() == asked_before


def test_an_environment_that_was_only_begun_is_made_anew(made: Checkout):
    (made.root / ".venv" / "surgeport-stamp").write_text("begun by a run that was killed")
    answer = made.python("-c", WITHOUT_ENSUREPIP + "e.set_up_python()")
    assert "so it cannot make an environment" in answer.stderr, "it set out to make one"


def test_a_missing_ensurepip_is_told_with_its_package(empty: Checkout):
    answer = empty.python("-c", WITHOUT_ENSUREPIP + "e.set_up_python()")
    assert re.search(r"install the package python3\.\d+-venv", answer.stderr)


def test_help_is_there_before_anything_is_set_up(empty: Checkout):
    answer = empty.run("--help")
    assert answer.returncode == 0
    assert all(
        word in answer.stdout for word in ("--exit", "--json", "--seed", "--port", "--data-dir")
    )
    assert not (empty.root / ".venv").exists()


def test_a_wrong_argument_is_told_before_anything_is_set_up(empty: Checkout):
    answer = empty.run("--seed", "seven")
    assert answer.returncode == 2
    assert "seven" in answer.stderr
    assert not (empty.root / ".venv").exists()


def test_a_missing_library_is_told_with_its_package():
    check_system()
    with pytest.raises(CannotSetUp, match=r"libnowhere\.so\.9.*apt-get install libgomp1"):
        check_system("libnowhere.so.9")


@pytest.mark.parametrize("name", ["run", "test", "bootstrap/__init__.py"])
def test_an_old_python_can_read_what_tells_it_that_it_is_old(name):
    ast.parse((ROOT / name).read_text(), feature_version=(3, 6))


def test_an_old_python_hands_over_to_the_newest_one_that_starts(tmp_path):
    for name, script in {
        "python3.13": "exit 127",
        "python3.12": '[ "$1" = -c ] || echo "3.12: $*"',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    old = "import sys, bootstrap; sys.argv = ['run', '--exit']; sys.exit(bootstrap.hand_over())"
    answer = subprocess.run(
        [sys.executable, "-c", old],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "3.12: run --exit\n"


def test_with_no_python_to_hand_over_to_a_sentence_says_what_to_install(tmp_path):
    old = "import sys, bootstrap; sys.exit(bootstrap.hand_over())"
    answer = subprocess.run(
        [sys.executable, "-c", old],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "Surgeport needs Python 3.11 to 3.14" in answer.stderr
    assert not suits(3, 10)


def test_one_entry_is_cut_out_of_a_lock_with_its_hashes():
    lock = "# made\nuv==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nuvicorn==2.0 \\\n    --hash=sha256:cc\n"
    assert entry_of("uv", lock) == "uv==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb"
    assert entry_of("pip", lock) == ""


def test_a_home_that_cannot_be_written_keeps_no_tool_from_its_work(tmp_path):
    assert without_home({"HOME": str(tmp_path)}) == {}
    (tmp_path / "file").touch()
    for where in ({"HOME": str(tmp_path / "file")}, {"XDG_CACHE_HOME": str(tmp_path / "file")}):
        assert without_home(where)["UV_NO_CACHE"] == "1"
