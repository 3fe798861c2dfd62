"""Where operators tell what the business works with."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import MAY_BE_NEW, Listed, tagged, told
from api.auth import Anybody, Caller, admitted, own
from api.operators import schemas as s
from api.schemas import IdPath, Page, Word, WordPath
from api.service import Now, Wired
from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Category, Market, Product
from logistics.network import Site
from logistics.policy import SiteType
from logistics.workflows.register import register, set_stock

router = APIRouter(prefix="/v1", tags=["catalogue"])

Settler = Annotated[Caller, Security(admitted, scopes=["settings:write"])]
Seller = Annotated[Caller, Security(admitted, scopes=["products:write"])]
Siter = Annotated[Caller, Security(admitted, scopes=["sites:write"])]
SiteReader = Annotated[Caller, Security(admitted, scopes=["sites:write", "nodes:read"])]
FleetReader = Annotated[Caller, Security(admitted, scopes=["settings:write", "routes:read"])]


@router.put("/markets/{id}", responses=MAY_BE_NEW)
def tell_market(
    id: WordPath, market: s.MarketIn, caller: Settler, service: Wired, now: Now, response: Response
) -> s.MarketOut:
    """Make a market known, or tell it anew."""
    value = market.value(id, service.means.policy)
    kept, new = register(service.means, value, now=now, by=caller.party)
    return told(response, kept, s.MarketOut, new=new)


@router.get("/markets/{id}")
def market(id: IdPath, _: Anybody, service: Wired, response: Response) -> s.MarketOut:
    """Show a market."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Market, id), s.MarketOut)


@router.get("/markets")
def markets(_: Anybody, listed: Listed) -> Page[s.MarketOut]:
    """List the markets."""
    return listed.page(Market, s.MarketOut.model_validate)


@router.put("/categories/{id}", responses=MAY_BE_NEW)
def tell_category(
    id: WordPath,
    category: s.CategoryIn,
    caller: Seller,
    service: Wired,
    now: Now,
    response: Response,
) -> s.CategoryOut:
    """Make a category known, or tell it anew."""
    kept, new = register(service.means, category.value(id), now=now, by=caller.party)
    return told(response, kept, s.CategoryOut, new=new)


@router.get("/categories/{id}")
def category(id: IdPath, _: Anybody, service: Wired, response: Response) -> s.CategoryOut:
    """Show a category."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Category, id), s.CategoryOut)


@router.get("/categories")
def categories(_: Anybody, listed: Listed) -> Page[s.CategoryOut]:
    """List the categories."""
    return listed.page(Category, s.CategoryOut.model_validate)


@router.put("/products/{id}", responses=MAY_BE_NEW)
def tell_product(
    id: WordPath, product: s.ProductIn, caller: Seller, service: Wired, now: Now, response: Response
) -> s.ProductOut:
    """Make a product known, or tell it anew."""
    kept, new = register(service.means, product.value(id), now=now, by=caller.party)
    return told(response, kept, s.ProductOut, new=new)


@router.get("/products/{id}")
def product(id: IdPath, _: Anybody, service: Wired, response: Response) -> s.ProductOut:
    """Show a product."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Product, id), s.ProductOut)


@router.get("/products")
def products(
    _: Anybody, listed: Listed, category: Word | None = None, family: Word | None = None
) -> Page[s.ProductOut]:
    """List the products."""
    return listed.page(
        Product, s.ProductOut.model_validate, {"category": category, "family": family}
    )


@router.put("/sites/{id}", responses=MAY_BE_NEW)
def tell_site(
    id: WordPath, site: s.SiteIn, caller: Siter, service: Wired, now: Now, response: Response
) -> s.SiteOut:
    """Make a site known, or tell it anew; a permanent centre is a live node from then on."""
    value = site.value(id, service.means.policy)
    kept, new = register(service.means, value, now=now, by=caller.party)
    return told(response, kept, s.SiteOut, new=new)


@router.get("/sites/{id}")
def site(id: IdPath, _: SiteReader, service: Wired, response: Response) -> s.SiteOut:
    """Show a site."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Site, id), s.SiteOut)


@router.get("/sites")
def sites(
    _: SiteReader, listed: Listed, market: Word | None = None, type: SiteType | None = None
) -> Page[s.SiteOut]:
    """List the sites."""
    return listed.page(Site, s.SiteOut.model_validate, {"market": market, "type": type})


@router.put("/carriers/{id}", responses=MAY_BE_NEW)
def tell_carrier(
    id: WordPath,
    carrier: s.CarrierIn,
    caller: Settler,
    service: Wired,
    now: Now,
    response: Response,
) -> s.CarrierOut:
    """Make a carrier known, or tell its contract anew."""
    kept, new = register(service.means, carrier.value(id), now=now, by=caller.party)
    return told(response, kept, s.CarrierOut, new=new)


@router.get("/carriers/{id}")
def carrier(id: IdPath, caller: FleetReader, service: Wired, response: Response) -> s.CarrierOut:
    """Show a carrier; a carrier sees its own contract only."""
    own(caller, "carrier", id, id)
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Carrier, id), s.CarrierOut)


@router.get("/carriers")
def carriers(caller: FleetReader, listed: Listed) -> Page[s.CarrierOut]:
    """List the carriers; a carrier sees itself."""
    where = {} if caller.sees_all else {"id": (caller.party,)}
    return listed.page(Carrier, s.CarrierOut.model_validate, where=where)


@router.put("/vehicles/{id}", responses=MAY_BE_NEW)
def tell_vehicle(
    id: WordPath,
    vehicle: s.VehicleIn,
    caller: Settler,
    service: Wired,
    now: Now,
    response: Response,
) -> s.VehicleOut:
    """Make a van known, or tell it anew."""
    kept, new = register(service.means, vehicle.value(id), now=now, by=caller.party)
    return told(response, kept, s.VehicleOut, new=new)


@router.get("/vehicles/{id}")
def vehicle(id: IdPath, caller: FleetReader, service: Wired, response: Response) -> s.VehicleOut:
    """Show a van; a carrier sees its own."""
    with service.means.store.read() as reading:
        kept = reading.get(Vehicle, id)
    own(caller, "vehicle", id, kept.carrier)
    return tagged(response, kept, s.VehicleOut)


@router.get("/vehicles")
def vehicles(caller: FleetReader, listed: Listed, market: Word | None = None) -> Page[s.VehicleOut]:
    """List the vans; a carrier sees its own."""
    where = {} if caller.sees_all else {"carrier": caller.party}
    return listed.page(Vehicle, s.VehicleOut.model_validate, {"market": market}, where)


@router.put("/stock/{node}/{product}")
def tell_stock(
    node: IdPath,
    product: WordPath,
    stock: s.StockIn,
    caller: Siter,
    service: Wired,
    now: Now,
    response: Response,
) -> s.StockOut:
    """Say how many units of a product a centre has; the difference is one line of the journal."""
    kept = set_stock(
        service.means, node, product, stock.units, now=now, by=caller.party, floor=stock.floor
    )
    return tagged(response, kept, s.StockOut)
