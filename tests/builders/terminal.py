"""A reader at a terminal: one shell that stays open, and a check of what it prints."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DONE = "-- done --"
ANYTHING = "…"
PLAIN_CURL = f'"{ROOT}/tests/docs/plain_curl.py"'


class Terminal:
    """A shell in a folder; where the machine has no curl, a plain one stands in for it."""

    def __init__(self, folder, *, own_curl=None, **env):
        tools = folder / "tools"
        tools.mkdir()
        _put(tools / "python", "")
        if not (shutil.which("curl") if own_curl is None else own_curl):
            _put(tools / "curl", PLAIN_CURL)
        path = f"{tools}{os.pathsep}{os.environ['PATH']}"
        told = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "NO_PROXY": "*", **env}
        self._shell = subprocess.Popen(
            ["sh"],
            cwd=folder,
            env=told,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def type(self, commands):
        """What the commands print."""
        self._shell.stdin.write(f"{commands}\necho\necho '{DONE}'\n")
        self._shell.stdin.flush()
        printed = iter(self._shell.stdout.readline, f"{DONE}\n")
        return "".join(_unless_closed(printed))

    def keep(self, name, value):
        """Keep a value under a name, as a reader does."""
        self.type(f"{name}='{value}'")

    def close(self):
        self._shell.stdin.close()
        self._shell.stdout.close()
        self._shell.wait(10)


def _put(command, program):
    """Make a command that runs a program with this very Python."""
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" {program} "$@"\n')
    command.chmod(stat.S_IRWXU)


def _unless_closed(lines):
    for line in lines:
        assert line, "the shell has closed"
        yield line


def answers(printed):
    """The JSON values that were printed, one after the other."""
    rest, found, read = printed.strip(), [], json.JSONDecoder()
    while rest:
        value, end = read.raw_decode(rest)
        found.append(value)
        rest = rest[end:].lstrip()
    return found


def holds(said, was, known):
    """Whether an answer is as a page says; new names of the page are added to what is known."""
    if said == ANYTHING:
        return True
    if isinstance(said, str) and said.startswith("$"):
        return known.setdefault(said[1:], str(was)) == str(was)
    if isinstance(said, dict) and isinstance(was, dict):
        return all(key in was and holds(said[key], was[key], known) for key in said)
    if isinstance(said, list) and isinstance(was, list):
        return _in_order(said, was, known)
    return type(said) is type(was) and said == was


def _in_order(said, was, known):
    """Whether the items stand in this order; where the page says `…`, any others in between."""
    if not said:
        return not was
    first, rest = said[0], said[1:]
    if first == ANYTHING:
        return any(_tried(rest, was[skip:], known) for skip in range(len(was) + 1))
    return bool(was) and holds(first, was[0], known) and _in_order(rest, was[1:], known)


def _tried(said, was, known):
    """Like `_in_order`, but a try that fails leaves no name behind."""
    trial = dict(known)
    if not _in_order(said, was, trial):
        return False
    known.update(trial)
    return True
