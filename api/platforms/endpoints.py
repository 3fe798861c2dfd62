"""Where platforms tell what is watched, which videos there are and what they sell."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import MAY_BE_NEW, Listed, tagged, told
from api.auth import Caller, admitted, own
from api.platforms import schemas as s
from api.schemas import IdPath, Page, Word, WordPath
from api.service import Now, Wired
from logistics.catalogue import PaidPush, Video, VideoLink, link_id
from logistics.signals import SignalBatch
from logistics.workflows.register import register
from logistics.workflows.sense import IncomingBatch, receive_signals, remove_video

router = APIRouter(prefix="/v1", tags=["signals"])

Platform = Annotated[Caller, Security(admitted, scopes=["signals:write"])]
Reader = Annotated[Caller, Security(admitted, scopes=["signals:write", "forecasts:read"])]


@router.post("/signal-batches")
def receive(batch: s.SignalBatchIn, caller: Platform, service: Wired, now: Now) -> s.SignalBatchOut:
    """Take in a batch: every row is answered, and a repeat changes nothing."""
    incoming = IncomingBatch(
        id=batch.id, client=caller.party, residency=batch.residency, rows=batch.read()
    )
    return s.SignalBatchOut.of(receive_signals(service.means, incoming, now=now))


@router.get("/signal-batches/{id}")
def batch(id: IdPath, caller: Platform, service: Wired) -> s.SignalBatchOut:
    """Show a batch with the answer to each of its rows."""
    with service.means.store.read() as reading:
        kept = reading.get(SignalBatch, id)
    own(caller, "signal-batch", id, kept.client)
    return s.SignalBatchOut.of(kept)


@router.get("/signal-batches")
def batches(caller: Platform, listed: Listed) -> Page[s.SignalBatchOut]:
    """List the batches that the caller sent."""
    return listed.page(SignalBatch, s.SignalBatchOut.of, where={"client": caller.party})


@router.put("/videos/{id}", responses=MAY_BE_NEW)
def tell_video(
    id: WordPath, video: s.VideoIn, caller: Platform, service: Wired, now: Now, response: Response
) -> s.VideoOut:
    """Make a video known, or tell it anew."""
    kept, new = register(service.means, video.value(id), now=now, by=caller.party)
    return told(response, kept, s.VideoOut, new=new)


@router.get("/videos/{id}")
def video(id: IdPath, _: Reader, service: Wired, response: Response) -> s.VideoOut:
    """Show a video."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(Video, id), s.VideoOut)


@router.get("/videos")
def videos(_: Reader, listed: Listed) -> Page[s.VideoOut]:
    """List the videos."""
    return listed.page(Video, s.VideoOut.model_validate)


@router.put("/videos/{id}/removal")
def remove(
    id: IdPath,
    removal: s.RemovalIn,
    caller: Platform,
    service: Wired,
    now: Now,
    response: Response,
) -> s.VideoOut:
    """Tell that a video was taken down."""
    kept = remove_video(service.means, id, at=removal.at, now=now, by=caller.party)
    return tagged(response, kept, s.VideoOut)


@router.put("/video-product-links/{video}/{product}", responses=MAY_BE_NEW)
def tell_link(
    video: WordPath,
    product: WordPath,
    link: s.LinkIn,
    caller: Platform,
    service: Wired,
    now: Now,
    response: Response,
) -> s.LinkOut:
    """Tell that a video shows a product."""
    kept, new = register(service.means, link.value(video, product), now=now, by=caller.party)
    return told(response, kept, s.LinkOut, new=new)


@router.get("/video-product-links/{video}/{product}")
def link(
    video: WordPath, product: WordPath, _: Reader, service: Wired, response: Response
) -> s.LinkOut:
    """Show the link between a video and a product."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(VideoLink, link_id(video, product)), s.LinkOut)


@router.get("/video-product-links")
def links(
    _: Reader, listed: Listed, video: Word | None = None, product: Word | None = None
) -> Page[s.LinkOut]:
    """List which videos show which products."""
    return listed.page(VideoLink, s.LinkOut.model_validate, {"video": video, "product": product})


@router.put("/paid-pushes/{id}", responses=MAY_BE_NEW)
def tell_push(
    id: WordPath, push: s.PushIn, caller: Platform, service: Wired, now: Now, response: Response
) -> s.PushOut:
    """Tell of a paid push ahead of its time."""
    kept, new = register(service.means, push.value(id), now=now, by=caller.party)
    return told(response, kept, s.PushOut, new=new)


@router.get("/paid-pushes/{id}")
def push(id: IdPath, _: Reader, service: Wired, response: Response) -> s.PushOut:
    """Show a paid push."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(PaidPush, id), s.PushOut)


@router.get("/paid-pushes")
def pushes(
    _: Reader, listed: Listed, video: Word | None = None, market: Word | None = None
) -> Page[s.PushOut]:
    """List the paid pushes."""
    return listed.page(PaidPush, s.PushOut.model_validate, {"video": video, "market": market})
