"""What an operator sets from outside: where to remember, where to compute, and the service's secret.

Every setting is an environment variable that begins with `SURGEPORT_`. One SQLite file in one
process is the embedded default; its secret is drawn at the first start and kept beside it. With
any other database the secret must be given, or a second process would sign with another one.
"""

import os
import secrets
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SHORTEST_SECRET = 32
"""Characters: 32 characters of hex are 128 bits."""


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_prefix="SURGEPORT_", frozen=True, extra="forbid")

    data_dir: Path = Field(
        Path(".surgeport"), description="Where the embedded default keeps its files."
    )
    database: str = Field(
        "", description="Database address; empty for one SQLite file in data_dir."
    )
    secret: SecretStr = Field(
        SecretStr(""), description="Seals contacts and signs quotes; drawn once when embedded."
    )
    compute: str = Field(
        "inline",
        description="`inline`, `local` (a Dask cluster here), or a scheduler like `tcp://host:8786`.",
    )
    workers: int = Field(1, ge=1, le=64, description="Worker processes of the `local` cluster.")
    policy: Path | None = Field(
        None, description="A TOML file with the business's own numbers; defaults where absent."
    )
    roads: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#]+/?$",
        description="An OSRM server, like `http://osrm:5000`; straight lines and a detour without.",
    )
    host: str = Field("127.0.0.1", description="Address to serve at.")
    port: int = Field(8000, ge=0, le=65535, description="Port to serve at; 0 takes a free one.")
    clock: bool = Field(default=True, description="Whether this process may lead the clock.")
    tick_seconds: float = Field(
        5.0, gt=0, le=60, description="How often the leading clock looks for what is due."
    )
    requests_per_minute: int = Field(
        30_000, ge=1, description="Requests that one key may send in a minute."
    )
    body_limit: int = Field(1_000_000, ge=1_000, description="Largest body in bytes.")
    batch_limit: int = Field(
        8_000_000, ge=1_000, description="Largest body of a batch or an import in bytes."
    )
    webhooks_to_inside: bool = Field(
        default=False, description="Test mode: webhooks may go to loopback and private addresses."
    )

    @model_validator(mode="after")
    def secret_is_given(self) -> Self:
        """Refuse to share a database without a secret of the operator's own."""
        given = len(self.secret.get_secret_value())
        if not self.embedded and given < SHORTEST_SECRET:
            raise ValueError(
                f"SURGEPORT_SECRET needs {SHORTEST_SECRET} characters with this database"
            )
        if 0 < given < SHORTEST_SECRET:
            raise ValueError(
                f"SURGEPORT_SECRET needs {SHORTEST_SECRET} characters, and has {given}"
            )
        return self

    @property
    def embedded(self) -> bool:
        """Whether all that is remembered lies in one file of this machine, or in this process."""
        return self.database == "" or self.database.startswith(("sqlite", "memory:"))

    @property
    def in_memory(self) -> bool:
        """Whether nothing is remembered beyond this process."""
        return self.database == "memory:"

    @property
    def database_url(self) -> str:
        """The database's address, with the embedded default filled in."""
        return self.database or f"sqlite:///{self.data_dir.resolve()}/surgeport.sqlite3"

    def service_secret(self) -> bytes:
        """The secret that was given, or the one drawn at the first start and kept since."""
        if given := self.secret.get_secret_value():
            return given.encode()
        if self.in_memory:
            return secrets.token_hex(32).encode()
        return _kept_secret(self.data_dir / "secret")


def _kept_secret(path: Path) -> bytes:
    """Made by one process only: the file is opened for creation, and read where it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(drawn := secrets.token_hex(32).encode())
    return drawn
