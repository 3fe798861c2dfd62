"""Where planners are asked, and answer."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.planners import schemas as s
from api.schemas import IdPath, Page, Word
from api.service import Wired
from logistics.decisions import Kind, Recommendation, RecommendationState, Verdict
from logistics.errors import Unknown

router = APIRouter(prefix="/v1/node-recommendations", tags=["placement"])

Reader = Annotated[Caller, Security(admitted, scopes=["nodes:decide", "audit:read"])]


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
        said = reading.find(Verdict, recommendation=id, order="at", descending=True, limit=1)
    if not said:
        raise Unknown("verdict", id)
    response.headers["ETag"] = f'"{about.version}"'
    return s.VerdictOut.seen_by(caller.party, said[0], about)


@router.get("/{id}/history")
def history(id: IdPath, caller: Reader, service: Wired) -> list[s.VerdictOut]:
    """Show every verdict, the first one first."""
    with service.means.store.read() as reading:
        about = reading.get(Recommendation, id)
        said = reading.find(Verdict, recommendation=id, order="at")
    return [s.VerdictOut.seen_by(caller.party, verdict, about) for verdict in said]
