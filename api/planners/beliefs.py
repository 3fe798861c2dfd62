"""Where planners read what is believed: forecasts and virality episodes."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.planners import schemas as s
from api.schemas import IdPath, Page, Word
from api.service import Wired
from forecasting.explanation import Family, drivers, uplift_of
from forecasting.forecast import SURGE
from logistics.catalogue import Market, Product
from logistics.demand import HOUR, Outlook
from logistics.episodes import Episode, EpisodeState
from logistics.errors import Unknown
from logistics.store import Range, Reading
from logistics.workflows.score import demand_by_hour

router = APIRouter(prefix="/v1", tags=["forecasting"])

Reader = Annotated[Caller, Security(admitted, scopes=["forecasts:read"])]
Ahead = Annotated[int, Query(ge=1, le=240, description="Hours from the forecast's start.")]
DAY = 24
LAGS = (24, 72)
"""How many hours before a forecast its earlier selves are shown."""
OneRegion = Annotated[Word | None, Query(description="A cell of the market; all of it if absent.")]


@router.get("/forecasts")
def forecasts(
    _: Reader, listed: Listed, product: Word | None = None, market: Word | None = None
) -> Page[s.ForecastOut]:
    """List the forecasts, the oldest first; none is ever edited."""
    return listed.page(Outlook, s.ForecastOut.of, {"product": product, "market": market})


@router.get("/forecasts/{id}")
def forecast(id: IdPath, _: Reader, service: Wired) -> s.ForecastOut:
    """Show a forecast with its totals."""
    with service.means.store.read() as reading:
        return s.ForecastOut.of(reading.get(Outlook, id))


@router.get("/forecasts/{id}/series")
def series(id: IdPath, _: Reader, service: Wired, region: OneRegion = None) -> s.SeriesOut:
    """Show the hours of a forecast."""
    with service.means.store.read() as reading:
        outlook = reading.get(Outlook, id)
    whole = outlook.whole
    if region is None:
        return s.SeriesOut(
            id=id,
            region=None,
            start=outlook.start,
            p10=list(whole.hourly.p10),
            p50=list(whole.hourly.p50),
            p90=list(whole.hourly.p90),
            totals=list(whole.totals),
            parts=list(whole.parts),
        )
    for one in outlook.regions:
        if one.cell == region:
            return s.SeriesOut(
                id=id,
                region=region,
                start=outlook.start,
                p10=None,
                p50=list(one.hourly),
                p90=None,
                totals=list(one.totals),
                parts=[],
            )
    raise Unknown("region", region)


@router.get("/forecasts/{id}/drivers")
def why(id: IdPath, _: Reader, service: Wired, hours: Ahead = 24) -> s.DriversOut:
    """Say what a forecast rests on: its causes in words, the strongest first, and how much of what
    videos bring is new demand to the product's family."""
    with service.means.store.read() as reading:
        outlook = reading.get(Outlook, id)
        family = reading.get(Product, outlook.product).family
        siblings = [one.id for one in reading.find(Product, family=family)] if family else []
        others = [_as_of(reading, one, outlook.market, outlook.made_at) for one in siblings]
        lately = _asked_for(reading, outlook)
    known = {one.product: one.whole for one in others if one is not None}
    wholes = tuple({**known, outlook.product: outlook.whole}.values())
    asked = Family(name=family or outlook.product, products=tuple(known) or (outlook.product,))
    return s.DriversOut(
        id=id,
        hours=hours,
        drivers=list(drivers(outlook.whole, hours)),
        uplift=uplift_of(wholes, asked, hours),
        surge=_surge(outlook, lately),
    )


def _asked_for(reading: Reading, outlook: Outlook) -> int:
    """Units of the product that were asked for in the market in the day before the forecast."""
    market = reading.get(Market, outlook.market)
    sold = demand_by_hour(reading, market, outlook.start - DAY * HOUR, outlook.start)
    return sum(sum(hourly.values()) for (one, _), hourly in sold.items() if one == outlook.product)


def _surge(outlook: Outlook, lately: int) -> float | None:
    """The chance that the first day is a surge over the day before it."""
    if outlook.hours < DAY:
        return None
    return round(outlook.whole.total(DAY).chance_above(SURGE * max(lately, 1)), 3)


@router.get("/forecasts/{id}/snapshots")
def snapshots(id: IdPath, _: Reader, service: Wired) -> s.SnapshotsOut:
    """Say what was believed of the same day 24 and 72 hours before the forecast."""
    with service.means.store.read() as reading:
        outlook = reading.get(Outlook, id)
        since = outlook.start
        until = since + min(24, outlook.hours) * HOUR
        before = [
            (lag, _as_of(reading, outlook.product, outlook.market, outlook.made_at - lag * HOUR))
            for lag in LAGS
        ]
    now = outlook.expected(since, until)
    return s.SnapshotsOut(
        id=id,
        since=since,
        until=until,
        expected=round(now, 3),
        snapshots=[
            s.SnapshotOut(
                lag_hours=lag,
                forecast=one and one.id,
                made_at=one and one.made_at,
                expected=one and round(one.expected(since, until), 3),
            )
            for lag, one in before
        ],
    )


def _as_of(reading: Reading, product: str, market: str, at: datetime) -> Outlook | None:
    """The newest forecast that was made by a moment."""
    by_then = Range(below=at + timedelta(microseconds=1))
    found = reading.find(
        Outlook, product=product, market=market, made_at=by_then, sort="made_at", descending=True,
        limit=1,
    )  # fmt: skip
    return found[0] if found else None


@router.get("/virality-episodes")
def episodes(
    _: Reader,
    listed: Listed,
    video: Word | None = None,
    market: Word | None = None,
    state: EpisodeState | None = None,
) -> Page[s.EpisodeOut]:
    """List the episodes."""
    asked = {"video": video, "market": market, "state": state}
    return listed.page(Episode, s.EpisodeOut.model_validate, asked)


@router.get("/virality-episodes/{id}")
def episode(id: IdPath, _: Reader, service: Wired, response: Response) -> s.EpisodeOut:
    """Show an episode with the evidence for its phase."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Episode, id), s.EpisodeOut)
