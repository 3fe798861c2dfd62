"""Where what stands where is read: nodes, leases, trucks, stock, and whom six hours reach. A space
sees its own only; coverage is the planners' and operators'."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.planners import schemas as s
from api.schemas import Id, IdPath, Page, Word
from api.service import Now, Service, Wired
from logistics.catalogue import Market
from logistics.errors import Unknown
from logistics.inventory import Replenishment, ReplenishmentState, Stock
from logistics.network import Lease, LeaseState, Node, NodeState, Site
from logistics.siting.equity import coverage_report
from logistics.siting.scene import picture_of
from logistics.store import Reading

router = APIRouter(prefix="/v1", tags=["placement"])

Reader = Annotated[Caller, Security(admitted, scopes=["nodes:read"])]
Sites = Annotated[
    list[Word], Query(default_factory=list, alias="site", description="Sites as if they stood too.")
]


@router.get("/nodes")
def nodes(
    caller: Reader,
    service: Wired,
    listed: Listed,
    site: Word | None = None,
    market: Word | None = None,
    state: NodeState | None = None,
) -> Page[s.NodeOut]:
    """List the nodes."""
    asked = {"site": site, "market": market, "state": state}
    where = {} if caller.sees_all else {"id": _own_nodes(service, caller)}
    return listed.page(Node, s.NodeOut.model_validate, asked, where)


@router.get("/nodes/{id}")
def node(id: IdPath, caller: Reader, service: Wired, response: Response) -> s.NodeOut:
    """Show a node."""
    with service.means.store.read() as reading:
        return tagged(response, _own_node(reading, caller, id, "node", id), s.NodeOut)


@router.get("/leases")
def leases(
    caller: Reader,
    listed: Listed,
    site: Word | None = None,
    node: Id | None = None,
    state: LeaseState | None = None,
) -> Page[s.LeaseOut]:
    """List the leases."""
    where = {} if caller.sees_all else {"provider": caller.party}
    asked = {"site": site, "node": node, "state": state}
    return listed.page(Lease, s.LeaseOut.model_validate, asked, where)


@router.get("/leases/{id}")
def lease(id: IdPath, caller: Reader, service: Wired, response: Response) -> s.LeaseOut:
    """Show a lease."""
    with service.means.store.read() as reading:
        kept = reading.get(Lease, id)
    if not caller.owns(kept.provider):
        raise Unknown("lease", id)
    return tagged(response, kept, s.LeaseOut)


@router.get("/replenishments")
def replenishments(
    caller: Reader,
    service: Wired,
    listed: Listed,
    to_node: Id | None = None,
    state: ReplenishmentState | None = None,
) -> Page[s.ReplenishmentOut]:
    """List the truck loads; a space sees those that come to it."""
    asked = {"to_node": to_node, "state": state}
    if caller.sees_all:
        return listed.page(Replenishment, s.ReplenishmentOut.model_validate, asked)
    own = _own_nodes(service, caller)
    theirs = own if to_node is None else tuple({to_node} & set(own))
    met = {"to_node": theirs}
    return listed.page(Replenishment, s.ReplenishmentOut.model_validate, {"state": state}, met)


@router.get("/replenishments/{id}")
def replenishment(
    id: IdPath, caller: Reader, service: Wired, response: Response
) -> s.ReplenishmentOut:
    """Show a truck load."""
    with service.means.store.read() as reading:
        kept = reading.get(Replenishment, id)
        _own_node(reading, caller, kept.to_node, "replenishment", id)
    return tagged(response, kept, s.ReplenishmentOut)


@router.get("/inventory-positions")
def positions(
    caller: Reader,
    service: Wired,
    listed: Listed,
    node: Id | None = None,
    product: Word | None = None,
) -> Page[s.PositionOut]:
    """List how many of what is where."""
    asked = {"node": node, "product": product}
    if caller.sees_all:
        return listed.page(Stock, s.PositionOut.model_validate, asked)
    own = _own_nodes(service, caller)
    theirs = own if node is None else tuple({node} & set(own))
    return listed.page(Stock, s.PositionOut.model_validate, {"product": product}, {"node": theirs})


@router.get("/coverage/{market}")
def coverage(
    market: IdPath, caller: Reader, service: Wired, now: Now, sites: Sites
) -> s.CoverageOut:
    """Show whom six hours reach in a market, area by area; `site` adds sites as if they stood."""
    if not caller.sees_all:
        raise Unknown("market", market)
    policy = service.means.policy
    with service.means.store.read() as reading:
        scene = picture_of(reading, policy, reading.get(Market, market), now)
    return s.CoverageOut.model_validate(coverage_report(scene, policy, now, tuple(sites)))


def _own_nodes(service: Service, caller: Caller) -> tuple[str, ...]:
    """The ids of the nodes in the caller's spaces."""
    with service.means.store.read() as reading:
        sites = tuple(site.id for site in reading.find(Site, provider=caller.party))
        return tuple(node.id for node in reading.find(Node, site=sites))


def _own_node(reading: Reading, caller: Caller, node: str, kind: str, id: str) -> Node:
    """The node, where the caller runs its space or speaks for the business."""
    kept = reading.maybe(Node, node)
    if kept is None or not caller.owns(reading.get(Site, kept.site).provider):
        raise Unknown(kind, id)
    return kept
