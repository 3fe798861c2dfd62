"""On which line of a TOML file each table and key stands, so that a refusal can name it.

The text is known to be well-formed when we come here; what is needed is only where each header
and each key begins. A path is like `("videos", 2, "course")`: the third `[[videos]]`.
"""

import re
from collections.abc import Iterator

HEADER = re.compile(r"\s*\[(\[?)\s*([^\[\]]+?)\s*\]")
KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[A-Za-z0-9_"'-]+)*)\s*=""")
QUOTES = re.compile(r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#.*')
Path = tuple[str | int, ...]


def lines_of(text: str) -> dict[Path, int]:
    """The line of each table and key by its path; the first line is 1."""
    found: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    at: Path = ()
    for number, line in _openings(text):
        if header := HEADER.match(line):
            path: Path = tuple(_names(header[2]))
            if header[1]:
                counts[path] = counts.get(path, -1) + 1
                found.setdefault(path, number)
                path = (*path, counts[path])
            at = _within(path, counts)
            found.setdefault(at, number)
        elif key := KEY.match(line):
            found.setdefault((*at, *_names(key[1])), number)
    return found


def _within(path: Path, counts: dict[Path, int]) -> Path:
    """The path of a table, with the number of the row that it lies in: `[sites.terms]`."""
    whole: Path = ()
    for step in path:
        whole = (*whole, step)
        if isinstance(step, str) and whole in counts and whole != path[:-1]:
            whole = (*whole, counts[whole])
    return whole


def _openings(text: str) -> Iterator[tuple[int, str]]:
    """The lines that begin outside of any bracket, brace or long string, with their numbers."""
    depth, long = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not depth and not long:
            yield number, line
            if HEADER.match(line):
                continue
        rest = line
        if long:
            _, closes, rest = line.partition(long)
            if not closes:
                continue
            long = ""
        bare = []
        position = 0
        for match in QUOTES.finditer(rest):
            bare.append(rest[position : match.start()])
            position = match.end()
            if match[0] in {'"""', "'''"}:
                _, closes, after = rest[match.end() :].partition(match[0])
                long = "" if closes else match[0]
                rest, position = after, 0
                break
        plain = "".join(bare) + ("" if long else QUOTES.sub("", rest[position:]))
        depth += plain.count("[") + plain.count("{") - plain.count("]") - plain.count("}")


def _names(dotted: str) -> Iterator[str]:
    for part in dotted.split("."):
        yield part.strip().strip("\"'")


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of a path, or of the nearest table that holds it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]
