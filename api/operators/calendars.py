"""Where operators tell a market's holidays and hours, without telling all of the market anew."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Anybody, Caller, admitted
from api.operators import schemas as s
from api.schemas import IdPath, Page, WordPath
from api.service import Wired
from logistics.catalogue import Market
from logistics.workflows.register import set_calendar

router = APIRouter(prefix="/v1/calendars", tags=["catalogue"])

Settler = Annotated[Caller, Security(admitted, scopes=["settings:write"])]


@router.put("/{market}")
def tell(
    market: WordPath, said: s.CalendarIn, _: Settler, service: Wired, response: Response
) -> s.CalendarOut:
    """Tell a market's holidays and its hours of delivery."""
    kept = set_calendar(service.means, market, **said.model_dump())
    return tagged(response, kept, s.CalendarOut)


@router.get("/{market}")
def calendar(market: IdPath, _: Anybody, service: Wired, response: Response) -> s.CalendarOut:
    """Show a market's calendar."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Market, market), s.CalendarOut)


@router.get("")
def calendars(_: Anybody, listed: Listed) -> Page[s.CalendarOut]:
    """List the calendars, one for each market."""
    return listed.page(Market, s.CalendarOut.model_validate)
