"""Quotes on their way into memory: an address gets its place, an answer its decision record.

A quote is answered from the board and kept afterwards, in batches; what could not be offered to
a buyer counts as lost demand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from logistics.demand import LostDemand, lost_demand_id
from logistics.promise.offers import Offer, Quote
from logistics.promise.quote import Quoted, QuoteRequest
from logistics.records import DecisionRecord, record_of
from logistics.store import Deed
from logistics.workflows.means import Means
from logistics.workflows.moves import tell

SURE = 0.8
"""An address is placed only where its best candidate is this sure."""
CODE_VERSION = "promise-1"


def locate(means: Means, request: QuoteRequest) -> QuoteRequest:
    """The request with the place of its address, where there is one sure place and no other."""
    if request.lat is not None or request.address is None:
        return request
    found = means.gazetteer.candidates(request.address, request.country)
    sure = [one for one in found if one.score >= SURE]
    if len(sure) == 1:
        return replace(request, lat=sure[0].lat, lon=sure[0].lon)
    return replace(request, candidates=tuple((one.label, one.score) for one in found))


def keep_quotes(means: Means, quoted: Iterable[Quoted], *, now: datetime) -> None:
    """Append quotes and their decision records; one kept by its order before is left as it is."""
    batch = tuple(quoted)
    with means.store.begin() as deed:
        known = {quote.id for quote in deed.find(Quote, id=tuple(q.quote.id for q in batch))}
        fresh = [one for one in batch if one.quote.id not in known]
        for one in batch:
            if one.quote.id in known:
                _keep_record(deed, means, one)
            else:
                keep_quote(deed, means, one, now)
        for one in fresh:
            if not one.quote.serviceable and one.request.buying:
                count_lost(deed, one.quote, now)


def keep_quote(deed: Deed, means: Means, one: Quoted, now: datetime) -> Quote:
    """Remember a quote with its decision record, and tell it."""
    quote = deed.add(one.quote)
    _keep_record(deed, means, one)
    level = quote.offer.service_level.value if quote.offer else None
    told = {"service_level": level, "eligible": quote.eligible, "decision": quote.decision}
    tell(
        deed,
        means.ids,
        "quote.made",
        quote.id,
        now=now,
        cause=quote.client,
        audience=(quote.client,),
        data=told,
        time=quote.made_at,
    )
    return quote


def _keep_record(deed: Deed, means: Means, one: Quoted) -> None:
    """Remember why, unless it is known or nobody will ask; a quote that came back as a token brought
    no reasons."""
    decision = one.quote.decision
    if decision is None or not means.writes or deed.maybe(DecisionRecord, decision) is not None:
        return
    if (record := _record(means, one, decision)) is not None:
        deed.add(record)


def _record(means: Means, one: Quoted, id: str) -> DecisionRecord | None:
    """Why the quote says what it says: its question, and what came out."""
    quote, question = one.quote, one.question
    if question is None:
        return None
    offers = [offer for offer in (quote.offer, *quote.alternatives) if offer is not None]
    nodes = dict.fromkeys(offer.node for offer in offers)
    return record_of(
        id,
        "quote",
        at=quote.made_at,
        parents=(*nodes, *filter(None, (quote.forecast, quote.plan))),
        inputs=question,
        result=Answered(quote=quote.id, offer=quote.offer, alternatives=quote.alternatives),
        code_version=CODE_VERSION,
        model_version=quote.board,
        write=means.writer(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a quote's decision came to."""

    quote: str
    offer: Offer | None
    alternatives: tuple[Offer, ...]


def count_lost(deed: Deed, quote: Quote, now: datetime) -> None:
    """Count what was asked for in vain: one number for each product, region and hour."""
    if quote.market is None or quote.cell is None:
        return
    hour = now.replace(minute=0, second=0, microsecond=0)
    for line in quote.lines:
        id = lost_demand_id(line.product, quote.market, quote.cell, hour)
        if deed.maybe(LostDemand, id) is None:
            lost = LostDemand(
                id=id,
                product=line.product,
                market=quote.market,
                cell=quote.cell,
                hour=hour,
                units=line.units,
            )
            deed.add(lost)
        else:
            known = deed.lock(LostDemand, id)
            deed.change(known, units=known.units + line.units)
