"""Whether the process lives, and whether it can do its work."""

from typing import Any

from fastapi import APIRouter, Response

from api.metrics import CONTENT_TYPE
from api.problems import OK
from api.schemas import Shown
from api.service import Wired

router = APIRouter(tags=["health"])


class Alive(Shown):
    """That the process answers."""

    state: str = "alive"


class Ready(Shown):
    """That requests can be answered, and how far the feed has come."""

    state: str = "ready"
    position: int


@router.get("/healthz")
def alive() -> Alive:
    """Tell that the process answers."""
    return Alive()


@router.get("/readyz")
def ready(service: Wired) -> Ready:
    """Tell that what is remembered can be read; 503 where it cannot."""
    with service.means.store.read() as reading:
        position = reading.position()
    service.telemetry.moved(position)
    return Ready(position=position)


@router.get("/metrics", response_class=Response, responses={OK: {"content": {"text/plain": {}}}})
def metrics(service: Wired) -> Any:
    """Tell the figures of this process in the text format of Prometheus."""
    return Response(service.telemetry.text(), media_type=CONTENT_TYPE)
