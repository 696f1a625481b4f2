"""Breaks over JSON: an associate asks for a break at another time, and takes the answer."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, jsonify
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from services import break_wishes
from services.break_wishes import BreakWish
from web.access import current_user
from web.api.bodies import body_as
from web.api.presence import own_associate_id
from web.arguments import near_instant
from web.context import clock, engine
from web.speech import in_words

blueprint = Blueprint("api_breaks", __name__)


class WishBody(BaseModel):
    """Which break is wished when; with `accept` it is put in force where that can be."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(min_length=1, max_length=60)]
    at: Annotated[AwareDatetime, AfterValidator(near_instant)]
    accept: bool = False


def wish_document(wish: BreakWish) -> dict[str, Any]:
    """Return the answer to a wish as a document."""
    nearest = None if wish.nearest is None else wish.nearest.isoformat()
    return {"answer": wish.answer.value, "message": in_words(wish.message), "nearest": nearest, "accepted": wish.is_taken}


@blueprint.post("/breaks/ask")
def ask() -> Response:
    """Answer a wish: yes; yes, at this cost; or no, why, and the nearest yes."""
    who, body = own_associate_id(), body_as(WishBody)
    if body.accept:
        wish = break_wishes.take(engine(), who, body.kind, body.at, by=current_user().name, clock=clock())
    else:
        wish = break_wishes.ask(engine(), who, body.kind, body.at, clock=clock())
    return jsonify(wish_document(wish))
