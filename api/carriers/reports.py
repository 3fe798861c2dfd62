"""Where carriers answer offers and report what happens on the road."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import tagged
from api.auth import Caller, admitted
from api.carriers import schemas as s
from api.conditional import IfMatch
from api.idempotency import Made, UnderKey
from api.problems import CREATED, OK
from api.schemas import IdPath
from api.service import Now, Wired
from logistics.workflows.deliver import StopReport, add_proof, report
from logistics.workflows.means import Means
from logistics.workflows.publish import answer_tender

router = APIRouter(prefix="/v1", tags=["routing"])

Driver = Annotated[Caller, Security(admitted, scopes=["stops:write"])]
Dispatcher = Annotated[Caller, Security(admitted, scopes=["tenders:respond"])]


@router.put("/route-tenders/{id}/response")
def respond(
    id: IdPath,
    said: s.ResponseIn,
    caller: Dispatcher,
    version: IfMatch,
    service: Wired,
    now: Now,
    response: Response,
) -> s.TenderOut:
    """Accept or decline an offer, before its time is over."""
    told = said.model_dump(exclude={"answer"})
    kept = answer_tender(
        service.means,
        id,
        said.answer,
        carrier=caller.party,
        expected_version=version,
        now=now,
        **told,
    )
    return tagged(response, kept, s.TenderOut)


@router.post("/stop-events", response_model=s.ReportsOut)
def tell(said: s.ReportsIn, caller: Driver, once: UnderKey, now: Now) -> Response:
    """Report what happened, in the order it did; each report has its own answer."""
    reports = tuple(StopReport(**one.model_dump()) for one in said.events)

    def deed(means: Means) -> Made:
        results = report(means, caller.party, reports, now=now)
        items = [s.ReportOut.model_validate(result) for result in results]
        return Made(body=s.ReportsOut(items=items), code=OK)

    return once.answer(deed)


@router.post("/stops/{id}/proofs", status_code=CREATED, response_model=s.ProofOut)
def prove(id: IdPath, said: s.ProofIn, caller: Driver, once: UnderKey, now: Now) -> Response:
    """Bring a proof of delivery; a second that differs is kept beside the first."""

    def deed(means: Means) -> Made:
        kept = add_proof(means, id, carrier=caller.party, now=now, **said.model_dump())
        return Made(body=s.ProofOut.model_validate(kept))

    return once.answer(deed)
