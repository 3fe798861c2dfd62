"""What is known of a buyer, and how it is erased.

Contact fields stand in one table, each row encrypted with a key of its buyer's own; everything
else knows the opaque reference only. Destroying the key erases the contact wherever a copy of
the row lies, backups included.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from logistics.errors import Unready

NONCE_BYTES = 12
"""The nonce length that NIST SP 800-38D recommends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The contact fields of one order, sealed with the buyer's key."""

    id: str
    """The order's id."""
    buyer: str
    sealed: str
    created_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerKey:
    """The key of one buyer's contacts, itself sealed with the service's key; None once erased."""

    id: str
    """The client and its opaque buyer reference: two shops may use the same word."""
    sealed_key: str | None
    created_at: datetime
    destroyed_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequest:
    """A request to erase a buyer, and its receipt."""

    id: str
    buyer: str
    client: str
    asked_at: datetime
    due_at: datetime
    completed_at: datetime | None = None
    erased_orders: tuple[str, ...] = ()
    waiting_orders: tuple[str, ...] = ()
    tables_touched: tuple[str, ...] = ()
    version: int = 1


def buyer_key_id(client: str, buyer: str) -> str:
    """The id of the key of one shop's buyer."""
    return f"{client}~{buyer}"


def service_key(secret: bytes) -> bytes:
    """The key that seals the buyers' keys, made of the service's secret."""
    return hashlib.sha256(b"surgeport buyer keys\0" + secret).digest()


def new_key() -> bytes:
    """A fresh 256-bit key."""
    return AESGCM.generate_key(bit_length=256)


def seal(text: bytes, key: bytes, bound_to: str) -> str:
    """AES-256-GCM; what is sealed for one id cannot be opened as another's."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text, bound_to.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, key: bytes, bound_to: str) -> bytes:
    """The text again. Raises Unready where the service's secret is not the one it was sealed with."""
    try:
        raw = base64.urlsafe_b64decode(sealed)
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError):
        raise Unready("the secret that contacts were sealed with") from None
