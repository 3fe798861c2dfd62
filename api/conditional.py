"""Who decided on what: the tag of a version, and the conditions of HTTP upon it (RFC 9110).

The tag of a thing is its version in quotes. A change that must not be decided on an old picture
says `If-Match`; a reader who polls says `If-None-Match` and is answered with nothing where
nothing changed.
"""

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from api.errors import Fault, Invalid, PreconditionRequired
from api.problems import NOT_MODIFIED

TAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def etag(value: Any) -> str:
    """The tag of a value's version."""
    return f'"{value.version}"'


def expected_version(
    if_match: Annotated[
        str | None, Header(description='The ETag that the decision rests on, like `"3"`.')
    ] = None,
) -> int:
    """The version that the caller decided on.

    Raises:
        PreconditionRequired: where the header is absent.
        Invalid: where it is no tag of ours.
    """
    if if_match is None:
        raise PreconditionRequired
    if (found := TAG.fullmatch(if_match.strip())) is None:
        detail = 'is one tag, like "3"'
        raise Invalid([Fault(at="/If-Match", code="etag", detail=detail, place="header")])
    return int(found.group(1))


IfMatch = Annotated[int, Depends(expected_version)]
IfNoneMatch = Annotated[
    str | None, Header(description="The ETag that you hold; answered with 304 while it holds.")
]


def unchanged(held: str | None, tag: str) -> Response | None:
    """The empty answer to a reader who holds this very tag, or None."""
    held_tags = {one.strip().removeprefix("W/") for one in (held or "").split(",")}
    if tag in held_tags or "*" in held_tags:
        return Response(status_code=NOT_MODIFIED, headers={"ETag": tag})
    return None
