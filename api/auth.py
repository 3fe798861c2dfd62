"""Who is at the door: API keys, kept as hashes, with scopes, an end and a revocation.

A key reads `spk_<prefix>_<secret>`. The prefix finds the row, the secret is 256 random bits, so its
SHA-256 is as good as a slow hash and answers in microseconds. A key that was read is remembered
for some seconds, so a request costs no look into the store; revoking it here forgets it at once,
in other processes after those seconds.
"""

import hashlib
import hmac
import re
import secrets
import string
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from api.errors import ForbiddenScope, Unauthenticated
from logistics.access import SCOPES, ApiKey, Role
from logistics.errors import Nonsense, Unknown
from logistics.store import Store
from logistics.workflows.means import Means

KEY = re.compile(r"Bearer +spk_([a-z0-9]{12})_([A-Za-z0-9_-]{43})", re.IGNORECASE)
PREFIX_LETTERS = string.ascii_lowercase + string.digits
REMEMBERED = timedelta(seconds=5)
SEES_ALL = frozenset({Role.PLANNER, Role.OPERATOR})
"""Who speaks for the business itself, and so sees what belongs to any party."""

BEARER = HTTPBearer(
    scheme_name="key", auto_error=False, description="An API key: `Authorization: Bearer spk_...`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever sent a request, as far as their key tells."""

    key: str
    role: Role
    party: str
    scopes: frozenset[str]

    @property
    def sees_all(self) -> bool:
        """Whether the caller may see what belongs to others."""
        return self.role in SEES_ALL

    def owns(self, *parties: str | None) -> bool:
        """Whether a thing of these parties is the caller's to see."""
        return self.sees_all or self.party in parties


def own(caller: Caller, kind: str, id: str, *parties: str | None) -> None:
    """Tell a caller nothing of what is another's: it is unknown to them.

    Raises:
        Unknown: where the thing belongs to none but others.
    """
    if not caller.owns(*parties):
        raise Unknown(kind, id)


def issue_key(
    means: Means,
    *,
    name: str,
    role: Role,
    party: str,
    now: datetime,
    scopes: Iterable[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; the text beside it is the only time that its secret is seen.

    Raises:
        Nonsense: for a scope that the role cannot have, or an end that is past.
    """
    wanted = tuple(SCOPES[role] if scopes is None else dict.fromkeys(scopes))
    for place, scope in enumerate(wanted):
        if scope not in SCOPES[role]:
            raise Nonsense(f"/scopes/{place}", f"a {role.value} cannot have {scope}", "scope")
    if expires_at is not None and expires_at <= now:
        raise Nonsense("/expires_at", "must lie ahead", "past")
    prefix = "".join(secrets.choice(PREFIX_LETTERS) for _ in range(12))
    text = f"spk_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        id=means.ids.new("key", now),
        name=name,
        role=role,
        party=party,
        prefix=prefix,
        hash=_hash(text),
        scopes=wanted,
        created_at=now,
        expires_at=expires_at,
    )
    with means.store.begin() as deed:
        return deed.add(key), text


class Keys:
    """Tells who holds a key; safe to ask from many threads."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[ApiKey, datetime]] = {}
        self._used: dict[str, datetime] = {}

    def remembered(self, header: str | None) -> Caller | None:
        """The caller, where the key was read a moment ago; never looks into the store."""
        prefix, text = _parts(header)
        with self._lock:
            kept = self._known.get(prefix)
        if kept is None or kept[1] + REMEMBERED < self._clock():
            return None
        return self._admit(kept[0], text)

    def caller(self, header: str | None) -> Caller:
        """The caller who holds the key of an `Authorization` header.

        Raises:
            Unauthenticated: where there is none, or it opens nothing.
        """
        prefix, text = _parts(header)
        with self._store.read() as reading:
            found = reading.find(ApiKey, prefix=prefix)
        if not found:
            raise Unauthenticated("this key is not known")
        with self._lock:
            self._known[prefix] = (found[0], self._clock())
        return self._admit(found[0], text)

    def forget(self, prefix: str) -> None:
        """Read the key anew at its next use: it was revoked."""
        with self._lock:
            self._known.pop(prefix, None)

    def note_use(self) -> int:
        """Write down when keys were last used; called now and then. Returns how many were."""
        with self._lock:
            used, self._used = self._used, {}
        if not used:
            return 0
        with self._store.begin() as deed:
            for id, at in used.items():
                deed.change(deed.lock(ApiKey, id), last_used_at=at)
        return len(used)

    def _admit(self, key: ApiKey, text: str) -> Caller:
        now = self._clock()
        if not hmac.compare_digest(key.hash, _hash(text)):
            raise Unauthenticated("this key is not known")
        if key.revoked_at is not None:
            raise Unauthenticated(f"this key was revoked at {key.revoked_at.isoformat()}")
        if key.expires_at is not None and key.expires_at <= now:
            raise Unauthenticated(f"this key ended at {key.expires_at.isoformat()}")
        with self._lock:
            self._used[key.id] = now
        return Caller(key=key.id, role=key.role, party=key.party, scopes=frozenset(key.scopes))


def admitted(
    request: Request,
    wanted: SecurityScopes,
    _: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)] = None,
) -> Caller:
    """The caller, whom the gate let in, if they have any of the scopes that the door asks for.

    Raises:
        ForbiddenScope: where they have none of them.
    """
    caller: Caller = request.state.caller
    if wanted.scopes and not caller.scopes.intersection(wanted.scopes):
        raise ForbiddenScope(wanted.scopes)
    return caller


Anybody = Annotated[Caller, Security(admitted)]
"""Anybody with a key."""


def _parts(header: str | None) -> tuple[str, str]:
    if header is None:
        raise Unauthenticated("send an API key as Authorization: Bearer spk_...")
    if (found := KEY.fullmatch(header.strip())) is None:
        raise Unauthenticated("the Authorization header holds no key of ours")
    return found.group(1), f"spk_{found.group(1)}_{found.group(2)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
