"""A creating request may be sent twice and is carried out once.

The answer is kept in the same transaction as its deed: either both are there or neither. To join
them, the deed is given a store whose transactions are all part of the outer one. Refusals (4xx)
are kept too: with what the deed wrote down where it refused after writing (a quote withdrawn), in
a transaction of their own where a part of it was taken back. A fault of ours is not kept, so a
crash can be tried again. Answers live for 24 hours and are sealed, because some hold a secret
that is shown once.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from api import problems
from api.auth import Anybody
from api.errors import KeyInProgress, KeyMissing, KeyReused
from api.sealing import seal, unseal
from api.service import Now, Service, Wired
from logistics.access import KeptAnswer
from logistics.errors import ChangedMeanwhile, Duplicate
from logistics.store import OF, Deed, Range, Reading, Store
from logistics.workflows.means import Means

LIFE = timedelta(hours=24)
PURPOSE = "kept answer"


@dataclass(slots=True)
class Joined:
    """A store whose every deed is a part of one outer deed.

    A part that fails cannot be taken back alone, so the whole must then fail; `whole` is false
    from that moment on, whoever caught the error.
    """

    outer: Deed
    whole: bool = True

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """The picture that the outer deed sees."""
        yield self.outer

    @contextmanager
    def begin(self) -> Iterator[Deed]:
        """The outer deed itself."""
        try:
            yield self.outer
        except BaseException:
            self.whole = False
            raise


class BrokenApart(RuntimeError):
    """A part of a joined deed failed and its error was swallowed: nothing of it may be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a creating request made, as it is answered."""

    body: BaseModel
    code: int = problems.CREATED
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The answer."""
        return _response(self.code, self.body.model_dump_json(), self.headers)


class _Running:
    """The keys whose first request still runs in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set[tuple[int, str]] = set()

    @contextmanager
    def alone(self, store: Store, id: str) -> Iterator[None]:
        """Hold a key of one store; whoever comes meanwhile is told to wait."""
        mine = (builtin_id(store), id)
        with self._lock:
            if mine in self._ids:
                raise KeyInProgress
            self._ids.add(mine)
        try:
            yield
        finally:
            with self._lock:
                self._ids.discard(mine)


builtin_id = id
_running = _Running()


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """One creating request under its key."""

    service: Service
    id: str
    fingerprint: str
    now: datetime

    def answer(self, deed: Callable[[Means], Made]) -> Response:
        """Carry the deed out once, or give the first answer again.

        Args:
            deed: Works with the means that it is given and nothing else that remembers.

        Raises:
            KeyReused: where the key came with another request.
            KeyInProgress: while the first request still runs in this process.
        """
        store = self.service.means.store
        with _running.alone(store, self.id):
            if (kept := self._kept()) is not None:
                return self._again(kept)
            try:
                return self._carry_out(store, deed)
            except Duplicate as twin:
                if twin.kind == OF[KeptAnswer].name and (kept := self._kept()) is not None:
                    return self._again(kept)
                return self._refuse(store, twin)
            except problems.TOLD as error:
                return self._refuse(store, error)

    def _carry_out(self, store: Store, deed: Callable[[Means], Made]) -> Response:
        with store.begin() as outer:
            joined = Joined(outer)
            try:
                made = deed(replace(self.service.means, store=joined))
            except problems.TOLD as error:
                if not joined.whole or not _settled(error):
                    raise
                return self._keep_refusal(outer, error)
            if not joined.whole:
                raise BrokenApart
            outer.add(self._keep(made.code, made.body.model_dump_json(), made.headers))
        return made.response()

    def _refuse(self, store: Store, error: Exception) -> Response:
        if not _settled(error):
            raise error
        with store.begin() as deed:
            return self._keep_refusal(deed, error)

    def _keep_refusal(self, deed: Deed, error: Exception) -> Response:
        refusal = problems.answer(error)
        headers = {"Content-Type": problems.MEDIA_TYPE}
        deed.add(self._keep(refusal.status_code, bytes(refusal.body).decode(), headers))
        return refusal

    def _kept(self) -> KeptAnswer | None:
        with self.service.means.store.read() as reading:
            kept = reading.maybe(KeptAnswer, self.id)
        if kept is not None and kept.at + LIFE <= self.now:
            with self.service.means.store.begin() as deed:
                deed.forget(KeptAnswer, self.id)
            return None
        return kept

    def _again(self, kept: KeptAnswer) -> Response:
        if kept.fingerprint != self.fingerprint:
            raise KeyReused(kept.at)
        body = unseal(kept.body, self.service.means.secret, PURPOSE)
        if body is None:
            raise KeyReused(kept.at)
        return _response(kept.code, body, {**dict(kept.headers), "Idempotent-Replayed": "true"})

    def _keep(self, code: int, body: str, headers: dict[str, str]) -> KeptAnswer:
        return KeptAnswer(
            id=self.id,
            fingerprint=self.fingerprint,
            at=self.now,
            code=code,
            body=seal(body, self.service.means.secret, PURPOSE),
            headers=tuple(headers.items()),
        )


def once(
    request: Request,
    service: Wired,
    caller: Anybody,
    now: Now,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            pattern=r"^[!-~]+$",
            description="A fresh random key for each new request, the same for a repeat.",
        ),
    ] = None,
) -> Once:
    """The request under its key.

    Raises:
        KeyMissing: where the header is absent.
    """
    if idempotency_key is None:
        raise KeyMissing
    whose = json.dumps([caller.role.value, caller.party, idempotency_key.strip('"')])
    asked = f"{request.method} {request.url.path}\0".encode() + request.state.body
    return Once(
        service=service,
        id=hashlib.sha256(whose.encode()).hexdigest(),
        fingerprint=hashlib.sha256(asked).hexdigest(),
        now=now,
    )


UnderKey = Annotated[Once, Depends(once)]
"""The request under its `Idempotency-Key`."""


def forget_old(store: Store, now: datetime) -> int:
    """Forget the answers whose day is over; returns how many."""
    with store.begin() as deed:
        old = deed.find(KeptAnswer, at=Range(below=now - LIFE))
        for kept in old:
            deed.forget(KeptAnswer, kept.id)
    return len(old)


def _settled(error: Exception) -> bool:
    """Whether the same request would be refused again: not so for faults of ours and lost races."""
    ours = problems.row_of(error).status >= problems.SERVER_FAULTS
    return not ours and not isinstance(error, ChangedMeanwhile)


def _response(code: int, body: str, headers: dict[str, str]) -> Response:
    plain = {"Content-Type": "application/json"}
    return Response(body, status_code=code, headers={**plain, **headers})
