"""`keys`: make, list and revoke keys at the terminal; the first key of a deployment comes from here."""

import argparse
import sys

from api.auth import issue_key
from api.cli.verb import Verb
from api.settings import Settings
from api.wiring import means_of, now_utc
from logistics.access import ApiKey, Role
from logistics.workflows.means import Means


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with which keys."""
    what = parser.add_subparsers(metavar="WHAT", required=True)
    make = _what(what, "make", "make a key and print it, this once")
    make.add_argument("role", choices=[role.value for role in Role], help="the kind of caller")
    make.add_argument("party", help="who it speaks for: a shop, a carrier, a planner ...")
    make.add_argument("--name", default="made at the terminal", help="what it is for")
    make.set_defaults(do=_make)
    listed = _what(what, "list", "list the keys, without their secrets")
    listed.set_defaults(do=_list)
    revoke = _what(what, "revoke", "revoke a key")
    revoke.add_argument("id", help="the key's id, like key_01JD8ZK4W2...")
    revoke.set_defaults(do=_revoke)


def _what(
    what: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help: str
) -> argparse.ArgumentParser:
    return what.add_parser(name, help=help, description=help)


def run(asked: argparse.Namespace) -> int:
    """Do it."""
    asked.do(means_of(Settings(compute="inline")), asked)
    return 0


def _make(means: Means, asked: argparse.Namespace) -> None:
    role = Role(asked.role)
    key, text = issue_key(means, name=asked.name, role=role, party=asked.party, now=now_utc())
    sys.stdout.write(f"{key.id} {text}\n")


def _list(means: Means, _: argparse.Namespace) -> None:
    with means.store.read() as reading:
        for key in reading.find(ApiKey):
            state = "revoked" if key.revoked_at else "active"
            sys.stdout.write(f"{key.id} {key.role.value} {key.party} {state} {key.name}\n")


def _revoke(means: Means, asked: argparse.Namespace) -> None:
    with means.store.begin() as deed:
        kept = deed.lock(ApiKey, asked.id)
        if kept.revoked_at is None:
            deed.change(kept, revoked_at=now_utc())


VERB = Verb(name="keys", help="make, list and revoke keys", run=run, arguments=add_arguments)
