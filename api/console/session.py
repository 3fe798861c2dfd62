"""Who sits at the console: a sealed cookie that names a planner's key, and nothing of its secret.

The key is looked at with each request, so a key that is revoked ends its sessions at once. Every
form carries a word that only pages of this session know; a form from elsewhere is refused.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from api.errors import ForbiddenScope, ForeignForm, Unauthenticated
from api.sealing import seal, unseal
from api.service import Now, Service, Wired
from logistics.access import ApiKey, Role

COOKIE = "surgeport_session"
PATH = "/console"
LASTS = timedelta(hours=12)
PURPOSE = "console session"
DECIDES = "nodes:decide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One planner at one browser."""

    key: str
    planner: str
    word: str
    """What every form of this session carries."""
    began: str
    scopes: tuple[str, ...] = ()

    @property
    def decides(self) -> bool:
        """Whether the planner may give verdicts."""
        return DECIDES in self.scopes


def begin(service: Service, key_text: str, now: datetime) -> Session:
    """A session for whoever holds a planner's key.

    Raises:
        Unauthenticated: where the key opens nothing.
        ForbiddenScope: where it is not a planner's.
    """
    caller = service.keys.caller(f"Bearer {key_text.strip()}")
    if caller.role is not Role.PLANNER:
        raise ForbiddenScope((DECIDES,))
    word = secrets.token_urlsafe(24)
    return Session(
        key=caller.key,
        planner=caller.party,
        word=word,
        began=now.isoformat(),
        scopes=tuple(sorted(caller.scopes)),
    )


def keep(request: Request, service: Service, session: Session, response: Response) -> None:
    """Hand the session to the browser; no script can read it."""
    kept = {name: value for name, value in asdict(session).items() if name != "scopes"}
    response.set_cookie(
        COOKIE,
        seal(json.dumps(kept), service.means.secret, PURPOSE),
        max_age=int(LASTS.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def session_of(request: Request, service: Wired, now: Now) -> Session:
    """The session of a request.

    Raises:
        Unauthenticated: where there is none, it is over, or its key opens nothing any more.
    """
    told = unseal(request.cookies.get(COOKIE, ""), service.means.secret, PURPOSE)
    if told is None:
        raise Unauthenticated("Sign in to go on.")
    kept: dict[str, Any] = json.loads(told)
    if datetime.fromisoformat(kept["began"]) + LASTS <= now:
        raise Unauthenticated("Your session is over after 12 hours.")
    with service.means.store.read() as reading:
        key = reading.maybe(ApiKey, kept["key"])
    if key is None or key.revoked_at is not None:
        raise Unauthenticated("The key that you signed in with was revoked.")
    if key.expires_at is not None and key.expires_at <= now:
        raise Unauthenticated("The key that you signed in with has ended.")
    return Session(**kept, scopes=key.scopes)


SignedIn = Annotated[Session, Depends(session_of)]
"""The planner who asks."""


async def fields_of(request: Request) -> FormData:
    """The fields of a form that was sent."""
    return await request.form(max_files=0, max_fields=200)


Fields = Annotated[FormData, Depends(fields_of)]


def require_ours(request: Request) -> None:
    """Refuse a form that a page of another site sent, as far as the browser tells.

    Raises:
        ForeignForm: where it did.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise ForeignForm
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.url.netloc}":
        raise ForeignForm


def checked(request: Request, session: SignedIn, fields: Fields) -> Mapping[str, str]:
    """The fields of a form of this session's own pages.

    Raises:
        ForeignForm: where the form carries another word than this session's, or none.
    """
    require_ours(request)
    sent = {name: value for name, value in fields.items() if isinstance(value, str)}
    if not hmac.compare_digest(_digest(sent.get("word", "")), _digest(session.word)):
        raise ForeignForm
    return sent


Form = Annotated[Mapping[str, str], Depends(checked)]
"""What a form of ours says."""


def _digest(word: str) -> bytes:
    return hashlib.sha256(word.encode()).digest()
