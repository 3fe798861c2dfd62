"""Where planners read what is believed: forecasts and virality episodes."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.planners import schemas as s
from api.schemas import IdPath, Page, Word
from api.service import Wired
from logistics.demand import Outlook
from logistics.episodes import Episode, EpisodeState
from logistics.errors import Unknown

router = APIRouter(prefix="/v1", tags=["forecasting"])

Reader = Annotated[Caller, Security(admitted, scopes=["forecasts:read"])]
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
