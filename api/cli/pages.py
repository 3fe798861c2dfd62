"""`docs`: write the pages that a program knows best, so that none of them says what is no longer so.

The command line's page and the interface's description are written whole; the table of settings
is put between its two marks in the operator's page. Nothing else of a page is touched.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from api.cli.describe import description
from api.cli.verb import Verb
from api.settings import Settings

BEGIN, END = "<!-- settings: written by `make docs` -->", "<!-- end of settings -->"
FOLDER = Path("docs")
INTRODUCTION = """# The command line

`python -m api.cli VERB ...`, from the root of the repository; `./run` is `demo` with the environment made first. This
page is written by `make docs`.
"""


class Told(argparse.ArgumentParser):
    """A parser that remembers what it was told, to tell it again without a terminal's width."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self.told: list[argparse.Action] = []
        super().__init__(*args, **more)

    def add_argument(self, *args: Any, **more: Any) -> argparse.Action:
        """Remember an argument; `--help` and what one program tells another need no telling."""
        action = super().add_argument(*args, **more)
        if action.dest != "help" and action.help != argparse.SUPPRESS:
            self.told.append(action)
        return action

    def add_subparsers(self, **more: Any) -> Any:
        """Remember the commands within a command."""
        action = super().add_subparsers(**more)
        self.told.append(action)
        return action


def command_line(verbs: tuple[Verb, ...]) -> str:
    """The page of the command line: each verb with its arguments."""
    return "\n".join([INTRODUCTION, *(line for verb in verbs for line in _verb(verb))])


def _verb(verb: Verb) -> Iterator[str]:
    parser = Told(verb.name)
    verb.arguments(parser)
    yield f"## {verb.name}\n"
    yield _sentence(verb.help)
    yield from _told(parser)


def _told(parser: Told) -> Iterator[str]:
    flat = [action for action in parser.told if not isinstance(action.choices, dict)]
    if flat:
        yield "| argument | what | default |\n|---|---|---|"
        yield from (_row(action) for action in flat)
        yield ""
    for action in parser.told:
        for name, inner in (action.choices if isinstance(action.choices, dict) else {}).items():
            yield f"### {parser.prog} {name}\n"
            yield _sentence(inner.description)
            yield from _told(inner)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}.\n"


def _row(action: argparse.Action) -> str:
    name = ", ".join(action.option_strings) or action.dest
    takes = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
    value = f" {takes}" if action.option_strings and takes else ""
    default = "" if action.default in (None, False, []) else f"`{action.default}`"
    said = action.help or ""
    if action.choices:
        said = ", ".join([*([said] if said else []), *(f"`{one}`" for one in action.choices)])
    return f"| `{name}{value}` | {said} | {default} |"


def settings_table() -> str:
    """The settings of a process, with their defaults."""
    head = "| variable | default | what |\n|---|---|---|\n"
    rows = [
        f"| `SURGEPORT_{name.upper()}` | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return head + "\n".join(rows) + "\n"


def _default(value: Any) -> str:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    said = str(plain).lower() if isinstance(plain, bool) else str(plain)
    return "" if plain in (None, "") else f"`{said}`"


def with_settings(page: str) -> str:
    """The operator's page with the table of settings written anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{settings_table()}\n{END}{after}"


def written(verbs: tuple[Verb, ...], folder: Path) -> dict[Path, str]:
    """Each page that a program writes, as it must be."""
    operations = folder / "operations.md"
    return {
        folder / "command-line.md": command_line(verbs),
        operations: with_settings(operations.read_text("utf-8")),
        folder / "openapi.json": description(),
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the pages lie."""
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pages lie")


def run(asked: argparse.Namespace) -> int:
    """Write the pages that have changed, and name them."""
    for path, text in written(asked.verbs, asked.folder).items():
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"wrote {path}\n")
    return 0


VERB = Verb(
    name="docs",
    help="write the generated pages: command line, settings, OpenAPI",
    run=run,
    arguments=add_arguments,
)
