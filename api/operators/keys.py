"""Where operators make and revoke keys, and read the numbers in force."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted, issue_key
from api.idempotency import Made, UnderKey
from api.operators import schemas as s
from api.problems import CREATED, NO_CONTENT
from api.schemas import IdPath, Page, Word
from api.service import Now, Wired
from logistics.access import ApiKey
from logistics.records import shape
from logistics.workflows.means import Means

router = APIRouter(prefix="/v1", tags=["keys"])

KeyMaster = Annotated[Caller, Security(admitted, scopes=["keys:admin"])]
Settler = Annotated[Caller, Security(admitted, scopes=["settings:write"])]


@router.post("/api-keys", status_code=CREATED, response_model=s.NewKeyOut)
def make(key: s.KeyIn, _: KeyMaster, once: UnderKey, now: Now) -> Response:
    """Make a key; its text is shown in this answer and never again."""

    def deed(means: Means) -> Made:
        kept, text = issue_key(means, now=now, **key.model_dump())
        shown = {**s.KeyOut.model_validate(kept).model_dump(), "key": text}
        return Made(body=s.NewKeyOut(**shown), headers={"Location": f"/v1/api-keys/{kept.id}"})

    return once.answer(deed)


@router.get("/api-keys/{id}")
def key(id: IdPath, _: KeyMaster, service: Wired, response: Response) -> s.KeyOut:
    """Show a key, without its secret."""
    with service.means.store.read() as reading:
        return tagged(response, reading.get(ApiKey, id), s.KeyOut)


@router.get("/api-keys")
def keys(_: KeyMaster, listed: Listed, party: Word | None = None) -> Page[s.KeyOut]:
    """List the keys, without their secrets."""
    return listed.page(ApiKey, s.KeyOut.model_validate, {"party": party})


@router.delete("/api-keys/{id}", status_code=NO_CONTENT)
def revoke(id: IdPath, _: KeyMaster, service: Wired, now: Now) -> Response:
    """Revoke a key at once; revoking it again changes nothing."""
    with service.means.store.begin() as deed:
        kept = deed.lock(ApiKey, id)
        if kept.revoked_at is None:
            deed.change(kept, revoked_at=now)
    service.keys.forget(kept.prefix)
    return Response(status_code=NO_CONTENT)


@router.get("/settings")
def settings(_: Settler, service: Wired) -> s.SettingsOut:
    """Show the business's numbers as they are in force; a file given at the start sets them."""
    policy: Any = shape(type(service.means.policy)).dump_python(service.means.policy, mode="json")
    return s.SettingsOut(
        residency=service.means.policy.zone,
        embedded=service.settings.embedded,
        compute=service.settings.compute.split(":", maxsplit=1)[0],
        policy=cast("dict[str, Any]", policy),
    )
