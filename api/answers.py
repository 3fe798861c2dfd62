"""How doors answer: one thing with its tag, or a page of many."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response

from api.conditional import etag
from api.paging import Cursor, Limit, page_of
from api.problems import CREATED, OK
from api.schemas import Page, Shown
from api.service import Now, Service, Wired

V = TypeVar("V")
S = TypeVar("S", bound=Shown)

MAY_BE_NEW: dict[int | str, dict[str, Any]] = {CREATED: {"description": "Made known just now."}}
"""What a door declares that tells whether it heard of a thing for the first time."""


def tagged(response: Response, value: Any, shown: type[S]) -> S:
    """One thing, with the tag of its version in the headers."""
    response.headers["ETag"] = etag(value)
    return shown.model_validate(value)


def told(response: Response, value: Any, shown: type[S], *, new: bool) -> S:
    """What a caller told us, as it is now kept: created, or as it is after the change."""
    response.status_code = CREATED if new else OK
    return tagged(response, value, shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A request for a page of a list."""

    service: Service
    now: datetime
    response: Response
    path: str
    cursor: str | None
    limit: int

    def page(
        self,
        kind: type[V],
        show: Callable[[V], S],
        asked: Mapping[str, Any] | None = None,
        where: Mapping[str, Any] | None = None,
        said: Mapping[str, Any] | None = None,
    ) -> Page[S]:
        """The page of the values that match.

        Args:
            kind: The class of the values.
            show: How one is shown.
            asked: The filters as the caller said them; None for those left out.
            where: Conditions beside them, such as whose the values are.
            said: Filters of the caller's that `where` holds in another form.
        """
        with self.service.means.store.read() as reading:
            return page_of(
                self.service.cursors,
                reading,
                kind,
                show,
                cursor=self.cursor,
                limit=self.limit,
                path=self.path,
                response=self.response,
                now=self.now,
                asked=asked,
                where=where,
                said=said,
            )


def listing(
    request: Request,
    response: Response,
    service: Wired,
    now: Now,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listing:
    """The page that a request asks for."""
    return Listing(
        service=service,
        now=now,
        response=response,
        path=request.url.path,
        cursor=cursor,
        limit=limit,
    )


Listed = Annotated[Listing, Depends(listing)]
"""A request for a page of a list."""
