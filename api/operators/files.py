"""Where operators bring whole files: products, sites, stock.

Every row names what it is about, so a file that comes twice changes nothing the second time; that
is why a file needs no `Idempotency-Key`.
"""

from typing import Annotated

from fastapi import APIRouter, Security

from api.auth import Caller, admitted
from api.operators import schemas as s
from api.schemas import ImportShown
from api.service import Now, Service, Wired
from api.sheets import Sheet, take_in
from logistics.errors import Nonsense
from logistics.network import Node
from logistics.policy import SiteType
from logistics.workflows.register import register, set_stock

router = APIRouter(prefix="/v1/imports", tags=["imports"])

Seller = Annotated[Caller, Security(admitted, scopes=["products:write"])]
Siter = Annotated[Caller, Security(admitted, scopes=["sites:write"])]

NEW = {True: "created", False: "known"}


@router.post("/products")
def products(sheet: Sheet, caller: Seller, service: Wired, now: Now) -> ImportShown:
    """Take in a file of products."""

    def take(row: s.ProductRow) -> tuple[str, str]:
        kept, new = register(service.means, row.value(row.id), now=now, by=caller.party)
        return kept.id, NEW[new]

    return take_in(sheet, s.ProductRow, take)


@router.post("/sites")
def sites(sheet: Sheet, caller: Siter, service: Wired, now: Now) -> ImportShown:
    """Take in a file of sites."""

    def take(row: s.SiteRow) -> tuple[str, str]:
        value = row.value(row.id, service.means.policy)
        kept, new = register(service.means, value, now=now, by=caller.party)
        return kept.id, NEW[new]

    return take_in(sheet, s.SiteRow, take)


@router.post("/stock")
def stock(sheet: Sheet, caller: Siter, service: Wired, now: Now) -> ImportShown:
    """Take in a file of stock."""

    def take(row: s.StockRow) -> tuple[str, str]:
        node = row.node or _centre(service, row.site)
        kept = set_stock(
            service.means, node, row.product, row.units, now=now, by=caller.party, floor=row.floor
        )
        return kept.id, "applied"

    return take_in(sheet, s.StockRow, take)


def _centre(service: Service, site: str | None) -> str:
    with service.means.store.read() as reading:
        standing = reading.find(Node, site=site, type=SiteType.CENTRE)
    if not standing:
        raise Nonsense("/site", "is no permanent centre", "unknown")
    return standing[0].id
