"""Where planners are asked, and answer.

A verdict rests on the version that its planner read: `If-Match` carries it, and whoever comes
second with an old picture is told who was first.
"""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.conditional import IfMatch, etag
from api.planners import schemas as s
from api.schemas import IdPath, Page, Word
from api.service import Now, Wired
from logistics.decisions import Kind, Recommendation, RecommendationState, Verdict
from logistics.errors import Unknown
from logistics.workflows.amend import Amendment, NewUnits
from logistics.workflows.decide import give_verdict

router = APIRouter(prefix="/v1/node-recommendations", tags=["placement"])

Reader = Annotated[Caller, Security(admitted, scopes=["nodes:decide", "audit:read"])]

Planner = Annotated[Caller, Security(admitted, scopes=["nodes:decide"])]


@router.get("")
def recommendations(
    _: Reader,
    listed: Listed,
    state: RecommendationState | None = None,
    market: Word | None = None,
    kind: Kind | None = None,
) -> Page[s.RecommendationOut]:
    """List what planners are asked."""
    asked = {"state": state, "market": market, "kind": kind}
    return listed.page(Recommendation, s.RecommendationOut.model_validate, asked)


@router.get("/{id}")
def recommendation(
    id: IdPath, _: Reader, service: Wired, response: Response
) -> s.RecommendationOut:
    """Show one recommendation; its `ETag` is what a verdict rests on."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Recommendation, id), s.RecommendationOut)


@router.get("/{id}/decision")
def decision(id: IdPath, caller: Reader, service: Wired, response: Response) -> s.VerdictOut:
    """Show the last verdict; unknown where none is given yet."""
    with service.means.store.read() as reading:
        about = reading.get(Recommendation, id)
        said = reading.find(Verdict, recommendation=id)
    if not said:
        raise Unknown("verdict", id)
    response.headers["ETag"] = etag(about)
    return s.VerdictOut.seen_by(caller.party, said[-1], about)


@router.get("/{id}/history")
def history(id: IdPath, caller: Reader, service: Wired) -> list[s.VerdictOut]:
    """Show every verdict, the first one first."""
    with service.means.store.read() as reading:
        about = reading.get(Recommendation, id)
        said = reading.find(Verdict, recommendation=id)
    return [s.VerdictOut.seen_by(caller.party, verdict, about) for verdict in said]


@router.put("/{id}/decision")
def decide(
    id: IdPath,
    said: s.VerdictIn,
    caller: Planner,
    version: IfMatch,
    service: Wired,
    now: Now,
    response: Response,
) -> s.RecommendationOut:
    """Give a verdict on what was read; an amendment answers with its successor."""
    kept = give_verdict(
        service.means,
        id,
        said.choice,
        planner=caller.party,
        reason_code=said.reason_code,
        reason=said.reason,
        expected_version=version,
        forecast_read=said.forecast_read,
        amendment=_amendment(said.amendment),
        substitutes=said.substitutes,
        now=now,
    )
    return tagged(response, kept, s.RecommendationOut)


def _amendment(said: s.AmendmentIn | None) -> Amendment | None:
    if said is None:
        return None
    units = tuple(NewUnits(product=one.product, units=one.units) for one in said.units)
    return Amendment(units=units)
