"""Where shops ask what can be promised; answered from memory."""

from typing import Annotated

from fastapi import APIRouter, Security
from starlette.concurrency import run_in_threadpool

from api.auth import Caller, admitted, own
from api.commerce import schemas as s
from api.schemas import IdPath
from api.service import Now, Wired
from logistics.errors import Nonsense
from logistics.promise.offers import Quote
from logistics.promise.quote import sign

router = APIRouter(prefix="/v1/delivery-quotes", tags=["promising"])

Shop = Annotated[Caller, Security(admitted, scopes=["quotes:write"])]


@router.post("")
async def ask(question: s.QuoteIn, caller: Shop, service: Wired, now: Now) -> s.QuoteOut:
    """Say what can be promised for these lines at this place, and why; hold it while it is open.

    Nothing here waits for the database, so this runs where the requests come in; only a product
    that the board has not heard of yet is looked up.
    """
    asked = question.asked(caller.party)
    try:
        quote = service.desk.quote(asked, now).quote
    except Nonsense:
        await run_in_threadpool(service.desk.look_again, asked, now)
        quote = service.desk.quote(asked, now).quote
    service.telemetry.quoted(quote.offer.service_level.value if quote.offer else "none")
    return s.QuoteOut.of(quote, sign(quote, service.means.secret))


@router.get("/{id}")
def quote(id: IdPath, caller: Shop, service: Wired) -> s.QuoteOut:
    """Show a quote as it stands now."""
    if (waiting := service.desk.waiting(id)) is not None:
        kept = waiting.quote
    else:
        with service.means.store.read() as reading:
            kept = reading.get(Quote, id)
    own(caller, "quote", id, kept.client)
    return s.QuoteOut.of(kept, sign(kept, service.means.secret))
