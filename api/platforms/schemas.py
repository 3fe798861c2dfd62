"""What platforms send and are shown.

A signal row carries counts of a bucket and nothing of any person: a field that is not listed here
refuses the row, and its value is neither kept nor logged.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, WithJsonSchema

from api.problems import PAGES
from api.schemas import Asked, Count, Id, Moment, Shown, Text, Word
from logistics.catalogue import PaidPush, Video, VideoLink, link_id
from logistics.errors import Nonsense
from logistics.signals import SignalBatch, SignalRow
from logistics.workflows.sense import RowProblem

EXAMPLE_ROW = {
    "video_id": "v-2041",
    "market": "la",
    "region": "84298e9ffffffff",
    "bucket_start": "2026-11-24T07:00:00-08:00",
    "bucket_minutes": 5,
    "views": 9200,
    "unique_viewers": 8100,
    "completed": 6500,
    "product_clicks": 310,
}


class SignalRowIn(Asked):
    """The increments of one video in one region over one bucket of minutes."""

    video_id: Word
    market: Word
    bucket_start: Moment
    bucket_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)]
    views: Count
    cell: Word | None = None
    region: Word | None = None
    paid_views: Count = 0
    unique_viewers: Count = 0
    completed: Count = 0
    watch_seconds: Count = 0
    pauses: Count = 0
    zooms: Count = 0
    saves: Count = 0
    shares: Count = 0
    likes: Count = 0
    negative_reactions: Count = 0
    comments: Count = 0
    product_clicks: Count = 0

    def value(self) -> SignalRow:
        """The row as the business knows it."""
        if self.cell is not None and self.region is not None and self.cell != self.region:
            raise Nonsense("/cell", "and region name two places")
        told = self.model_dump(exclude={"cell", "region"})
        return SignalRow(region=self.cell or self.region, **told)


_ROW = TypeAdapter(SignalRowIn)

AnyRow = Annotated[
    Any,
    WithJsonSchema(
        {
            "title": "A signal row",
            "description": "As in `SignalRowIn`; one that is not is refused alone, with the place.",
            "examples": [EXAMPLE_ROW],
        }
    ),
]


class SignalBatchIn(Asked):
    """Rows under an id of the sender's own: the same batch sent again changes nothing."""

    id: Word
    residency: Literal["us", "eu"]
    rows: Annotated[list[AnyRow], Field(min_length=1, max_length=20_000)]

    def read(self) -> tuple[SignalRow | RowProblem, ...]:
        """Each row as the business knows it, or why it is none."""
        return tuple(_read(row) for row in self.rows)


def _read(row: Any) -> SignalRow | RowProblem:
    """Never repeats a value: what was sent by mistake stays with the sender."""
    try:
        return _ROW.validate_python(row).value()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        pointer = "".join(f"/{step}" for step in first["loc"])
        return RowProblem(reason=f"validation-failed {pointer}: {first['msg']}"[:200])
    except Nonsense as error:
        return RowProblem(reason=f"validation-failed {error.field}: {error.detail}")


class RowOut(Shown):
    """What became of one row."""

    row: int
    state: str
    reason: str | None
    problem: str | None = Field(
        default=None, description="The `type` of the problem, where the reason has a page."
    )
    event_at: datetime | None
    limit_seconds: int | None
    late: bool
    skew_seconds: int
    merged: bool


class SignalBatchOut(Shown):
    """A batch with the answer to each of its rows."""

    id: str
    state: str
    residency: str
    received_at: datetime
    rows: int
    applied: int
    refused: int
    late: int
    results: list[RowOut]

    @classmethod
    def of(cls, batch: SignalBatch) -> "SignalBatchOut":
        """The batch as its sender sees it, with the page about each refusal."""
        shown = cls.model_validate(batch)
        results = [row.model_copy(update={"problem": _page(row.reason)}) for row in shown.results]
        return shown.model_copy(update={"results": results})


def _page(reason: str | None) -> str | None:
    """The page about a reason; its first word is the problem's name."""
    slug = (reason or "").split(" ")[0]
    return f"/problems/{slug}" if slug in PAGES else None


class VideoIn(Asked):
    """A short video that may sell a product."""

    title: Text
    platform: Text
    published_at: Moment

    def value(self, id: str) -> Video:
        """The video as the business knows it."""
        return Video(id=id, **self.model_dump())


class VideoOut(Shown):
    """A video."""

    id: str
    title: str
    platform: str
    published_at: datetime
    removed_at: datetime | None
    version: int


class RemovalIn(Asked):
    """That a video was taken down, and when."""

    at: Moment


class LinkIn(Asked):
    """That a video shows a product, and which share of its clicks goes to it."""

    share: Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False)] = 1.0

    def value(self, video: str, product: str) -> VideoLink:
        """The link as the business knows it."""
        return VideoLink(id=link_id(video, product), video=video, product=product, share=self.share)


class LinkOut(Shown):
    """The link between a video and a product."""

    id: str
    video: str
    product: str
    share: float
    version: int


class PushIn(Asked):
    """A paid push that is known ahead."""

    video: Id
    market: Word
    starts_at: Moment
    ends_at: Moment
    expected_paid_views: Count

    def value(self, id: str) -> PaidPush:
        """The push as the business knows it."""
        return PaidPush(id=id, **self.model_dump())


class PushOut(Shown):
    """A paid push."""

    id: str
    video: str
    market: str
    starts_at: datetime
    ends_at: datetime
    expected_paid_views: int
    version: int
