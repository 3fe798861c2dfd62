"""What carriers are shown and report. A carrier sees its own routes and tenders only."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from api.schemas import (
    Asked,
    Hour,
    Id,
    Latitude,
    Longitude,
    Moment,
    Note,
    Shown,
    Some,
    Text,
    Word,
)
from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Market
from logistics.clocks import spans
from logistics.dispatch import FailureReason, Outcome, RouteState, StopState, TenderState
from routing.geography import Cell, Place, outline


class GeometryKind(StrEnum):
    """How a route's line is told."""

    NONE = "none"
    GEOJSON = "geojson"
    POLYLINE5 = "polyline5"


class LineString(Shown):
    """A line in GeoJSON (RFC 7946): longitude before latitude."""

    type: Literal["LineString"] = "LineString"
    coordinates: list[tuple[float, float]]


def drawn(kind: GeometryKind, line: Sequence[Place]) -> LineString | str | None:
    """The line in the form that was asked for."""
    if kind is GeometryKind.GEOJSON:
        return LineString(coordinates=[(place.lon, place.lat) for place in line])
    return polyline5(line) if kind is GeometryKind.POLYLINE5 else None


def polyline5(line: Iterable[Place]) -> str:
    """The line as Google's encoded polyline with five decimals, which carriers' apps read."""
    text, before = "", (0, 0)
    for place in line:
        at = (round(place.lat * 1e5), round(place.lon * 1e5))
        text += "".join(_coded(now - then) for now, then in zip(at, before, strict=True))
        before = at
    return text


def _coded(step: int) -> str:
    """A signed number in groups of five bits, the lowest first, each a printable letter."""
    bits, text = ~(step << 1) if step < 0 else step << 1, ""
    while bits >= 0x20:
        text += chr((0x20 | (bits & 0x1F)) + 63)
        bits >>= 5
    return text + chr(bits + 63)


class RouteOut(Shown):
    """The ordered stops of one vehicle on one trip from a node."""

    id: str
    plan: str
    market: str
    node: str
    vehicle: str
    carrier: str | None
    state: RouteState
    departs_at: datetime
    returns_at: datetime
    distance_m: int
    stop_count: int
    tender: str | None
    driver: str | None
    started_at: datetime | None
    completed_at: datetime | None
    last_heard_at: datetime | None
    updated_at: datetime
    geometry: LineString | str | None = Field(
        default=None, description="From the node along the stops and back, where asked for."
    )
    version: int


class StopOut(Shown):
    """A place visited once on a route, with the lives of its time beside each other."""

    id: str
    route: str
    order: str
    position: int
    lat: float
    lon: float
    parcels: int
    service: int
    state: StopState
    due_at: datetime
    planned_at: datetime
    projected_at: datetime
    arrived_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None
    outcome_reason: FailureReason | None
    note: str | None
    contact: dict[str, str] | None = Field(
        default=None,
        description="Who receives it: for the carrier that accepted the route, while it is on.",
    )
    sscc: str | None = Field(default=None, description="The number on the parcel's label.")
    version: int


class TenderOut(Shown):
    """An offer of a route, with its pay in hundredths and its deadline."""

    id: str
    route: str
    market: str
    carrier: str
    state: TenderState
    pay: int
    offered_at: datetime
    respond_by: datetime
    closed_at: datetime | None
    decline_reason: str | None
    driver: str | None
    vehicle: str | None
    version: int


class ResponseIn(Asked):
    """A carrier's answer to an offer."""

    answer: Literal["accept", "decline"]
    reason: Text | None = None
    driver: Text | None = None
    vehicle: Word | None = None


class StopReportIn(Asked):
    """One thing that happened on a route, by the sender's clock and under the sender's own id."""

    id: Word
    route: Id
    stop: Id | None = None
    step: Literal["depart", "approach", "arrive", "close", "return"]
    happened_at: Moment
    sequence: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
    outcome: Outcome | None = None
    outcome_reason: FailureReason | None = None
    note: Note | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


class ReportsIn(Asked):
    """What happened on a carrier's routes; the same report twice has one effect."""

    events: Annotated[tuple[StopReportIn, ...], Field(min_length=1, max_length=1000)]


class ReportOut(Shown):
    """What became of one report: `applied`, `ignored`, `duplicate` or `refused`, and why."""

    id: str
    state: str
    reason: str | None


class ReportsOut(Shown):
    """The answers, in the order of the reports."""

    items: list[ReportOut]


class ProofIn(Asked):
    """A proof of delivery: what it is and the hash of its content."""

    kind: Literal["photo", "signature", "code"]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    size: Some
    taken_at: Moment


class ProofOut(Shown):
    """A proof of delivery; the first stays the proof until a planner decides."""

    id: str
    stop: str
    carrier: str
    kind: str
    sha256: str
    size: int
    taken_at: datetime
    received_at: datetime
    first: bool


class PositionIn(Asked):
    """Where a van is, by the sender's clock."""

    lat: Latitude
    lon: Longitude
    seen_at: Moment


class PositionOut(Shown):
    """Where a van was seen last."""

    vehicle: str = Field(validation_alias="id")
    carrier: str
    market: str
    lat: float
    lon: float
    seen_at: datetime
    received_at: datetime
    route: str | None
    version: int


class ShiftIn(Asked):
    """The local hours in which a van's driver works, and the most seconds of driving in them."""

    from_hour: Hour
    until_hour: Hour
    longest_drive: Annotated[int, Field(strict=True, ge=60, le=86_400)] = 36_000


class ShiftOut(Shown):
    """When a van's driver works: every day alike, and the shift that is on or comes next."""

    vehicle: str
    carrier: str
    market: str
    time_zone: str
    from_hour: int
    until_hour: int
    longest_drive: int
    active: bool
    starts_at: datetime
    ends_at: datetime
    version: int

    @classmethod
    def of(cls, van: Vehicle, zone: str, now: datetime) -> "ShiftOut":
        """The shift of a van, told in its market's zone."""
        hours = (van.shift_from_hour, van.shift_until_hour)
        starts_at, ends_at = next(spans(zone, hours, now))
        return cls(
            vehicle=van.id,
            carrier=van.carrier,
            market=van.market,
            time_zone=zone,
            from_hour=hours[0],
            until_hour=hours[1],
            longest_drive=van.longest_drive,
            active=van.active,
            starts_at=starts_at.astimezone(ZoneInfo(zone)),
            ends_at=ends_at.astimezone(ZoneInfo(zone)),
            version=van.version,
        )


class AreaOut(Shown):
    """Where in a market parcels are brought to, at which hours, and by whom."""

    market: str
    name: str
    time_zone: str
    deliver_from_hour: int
    deliver_until_hour: int
    residents: int
    cells: list[str] = Field(description="The regions: H3 hexagons.")
    carriers: list[str] = Field(description="Who is under contract, first whoever is asked first.")

    @classmethod
    def of(cls, market: Market, carriers: Iterable[Carrier]) -> "AreaOut":
        """The area of a market."""
        return cls(
            market=market.id,
            name=market.name,
            time_zone=market.zone,
            deliver_from_hour=market.deliver_from_hour,
            deliver_until_hour=market.deliver_until_hour,
            residents=sum(region.residents for region in market.regions),
            cells=[region.cell for region in market.regions],
            carriers=[one.id for one in carriers if market.id in one.markets],
        )


class MultiPolygon(Shown):
    """Polygons in GeoJSON (RFC 7946): longitude before latitude, each ring closed."""

    type: Literal["MultiPolygon"] = "MultiPolygon"
    coordinates: list[list[list[tuple[float, float]]]]


class AreaShapeOut(AreaOut):
    """A service area with its shape."""

    geometry: MultiPolygon


def shape_of(market: Market) -> MultiPolygon:
    """The hexagons of a market's regions."""
    return MultiPolygon(coordinates=[[_ring(region.cell)] for region in market.regions])


def _ring(cell: str) -> list[tuple[float, float]]:
    corners = [(place.lon, place.lat) for place in outline(Cell(cell))]
    return [*corners, corners[0]]
