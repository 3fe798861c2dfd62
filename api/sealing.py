"""Sealing what may be kept but not read by whoever reads the database.

AES-256-GCM with a key derived from the service's secret; `purpose` is bound to the text, so what
was sealed for one purpose cannot be opened for another.
"""

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
"""The nonce length that NIST SP 800-38D recommends."""


def seal(text: str, secret: bytes, purpose: str) -> str:
    """The text, sealed; printable."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_key(secret)).encrypt(nonce, text.encode(), purpose.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, secret: bytes, purpose: str) -> str | None:
    """The text again, or None where it was not sealed by this secret for this purpose."""
    try:
        raw = base64.b64decode(sealed.encode(), altchars=b"-_", validate=True)
        return (
            AESGCM(_key(secret)).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode())
        ).decode()
    except (InvalidTag, ValueError):
        return None


def _key(secret: bytes) -> bytes:
    return hashlib.sha256(b"surgeport sealing\0" + secret).digest()
