"""A service over dictionaries, with a clock that stands still until it is moved, and keys for all."""

from datetime import timedelta

from api.app import make_app
from api.auth import issue_key
from api.document import describe
from api.settings import Settings
from api.wiring import assemble
from logistics.access import Role
from tests.builders.inside import client_of
from tests.builders.supply import SEVEN, means

PARTIES = {
    Role.PLANNER: "ann",
    Role.CARRIER: "swift",
    Role.COMMERCE: "shop",
    Role.PLATFORM: "clips",
    Role.SPACE: "spaces",
    Role.OPERATOR: "ops",
}


class Clock:
    """Stands at a moment until it is moved on."""

    def __init__(self, at=SEVEN):
        self.at = at

    def __call__(self):
        return self.at

    def on(self, **more):
        self.at += timedelta(**more)
        return self.at


class House:
    """One service with its application, and a client for each kind of caller."""

    def __init__(self, tools=None, *, clock=None, **settings):
        told = {"database": "memory:", "clock": False, "secret": "s" * 32}
        self.clock = clock or Clock()
        self.means = tools or means()
        self.service = assemble(Settings(**{**told, **settings}), self.means, self.clock)
        self.app = make_app(self.service)
        self.app.openapi_schema = described(self.app)
        self._keys = {}

    def key(self, role, party=None, **more):
        told = {"name": "a key", "role": role, "party": party or PARTIES[role]}
        return issue_key(self.means, now=self.clock(), **{**told, **more})

    def caller(self, role, party=None):
        """A client that holds a key."""
        who = (role, party)
        if who not in self._keys:
            self._keys[who] = self.key(role, party)[1]
        return self.stranger(self._keys[who])

    def stranger(self, key=None):
        """A client that holds this key, or none."""
        client = client_of(self.app)
        if key is not None:
            client.headers["Authorization"] = f"Bearer {key}"
        return client


_described = []


def described(app):
    """The description of the doors, made once: it takes a second and is the same in every house."""
    if not _described:
        _described.append(describe(app))
    return _described[0]


_counted = iter(range(10**9))


def under_key(key=None):
    """The header of a fresh request, or of one under a given key."""
    return {"Idempotency-Key": key or f"k-{next(_counted)}"}


def problem(response, slug):
    """The problem that a response tells, which must be this one."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    told = response.json()
    assert told["type"] == f"/problems/{slug}", told
    assert told["status"] == response.status_code
    return told
