"""The documents of requests, as models: what associates ask for, and what supervisors decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Self

from pydantic import Field

from scheduling.coverage_effect import SkillEffect
from services.leave_requests import LeaveRequest, LeaveState
from services.leave_views import OwnBalance, OwnLeave
from services.offers import OfferKind, OfferView, TakeState
from services.request_inbox import Inbox, LeaveToDecide, SwapToDecide
from services.swaps import Partner, Swap, SwapKind, SwapState
from services.wishes import NewWish, WishView
from web.api.documents import Document, Instant
from web.arguments import EARLIEST, LATEST
from web.speech import in_words

Note = Annotated[str, Field(max_length=500)]
Day = Annotated[date, Field(ge=EARLIEST, le=LATEST)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class LeaveBody(Document):
    """Leave that is asked for, both days included."""

    kind_id: Id
    first_day: Day
    last_day: Day
    note: Note = ""


class SwapBody(Document):
    """A swap that is offered to a partner."""

    kind: SwapKind
    partner_id: Id
    days: Annotated[list[Day], Field(min_length=1, max_length=14)]
    note: Note = ""


class AnswerToSwapBody(Document):
    """The answer to a swap that was offered."""

    accepted: bool


class DecisionBody(Document):
    """A decision; a refusal needs its reason, which whoever asked will read."""

    approved: bool
    reason: Note = ""


class WishOfPeriod(Document):
    """A wish with its points: for a day off, or for a timing in the whole period."""

    day: Day | None = None
    shift_type_id: Id | None = None
    points: Annotated[int, Field(ge=1, le=1000)]

    def as_new(self) -> NewWish:
        """Return it as the domain has it."""
        return NewWish(self.day, self.shift_type_id, self.points)


class WishesBody(Document):
    """All wishes for a period, in place of the former ones."""

    wishes: Annotated[list[WishOfPeriod], Field(max_length=60)]


class LeaveDocument(Document):
    """A request for leave."""

    id: int
    associate: str
    kind: str
    first_day: date
    last_day: date
    note: str
    state: LeaveState
    reason: str
    asked_at: Instant

    @classmethod
    def of(cls, one: LeaveRequest) -> Self:
        """Return the document of a request."""
        period = {"first_day": one.first_day, "last_day": one.last_day}
        told = {"note": one.note, "state": one.state, "reason": one.reason, "asked_at": one.asked_at}
        return cls(id=one.id, associate=one.code, kind=one.kind.name, **period, **told)  # type: ignore[arg-type]


class SwapDocument(Document):
    """A swap: on each of its days the two take what the other has; once one of them has changed, it cannot be done any more."""

    id: int
    kind: SwapKind
    asker: str
    partner: str
    days: list[date]
    changed_days: list[date]
    note: str
    state: SwapState
    reason: str
    asked_at: Instant

    @classmethod
    def of(cls, one: Swap) -> Self:
        """Return the document of a swap."""
        people = {
            "asker": one.asker.name,
            "partner": one.partner.name,
            "days": list(one.days),
            "changed_days": list(one.changed_days),
        }
        told = {"note": one.note, "state": one.state, "reason": one.reason, "asked_at": one.asked_at}
        return cls(id=one.id, kind=one.kind, **people, **told)  # type: ignore[arg-type]


class KindOfLeaveDocument(Document):
    """A kind of leave that may be asked for."""

    id: int
    name: str
    has_balance: bool
    notice_days: int


class BalanceDocument(Document):
    """What there is of a kind of leave in a year; `left` is neither taken nor asked for."""

    kind_id: int
    year: int
    granted: int
    taken: int
    pending: int
    left: int

    @classmethod
    def of(cls, one: OwnBalance) -> Self:
        """Return the document of a balance."""
        days = {name: getattr(one, name) for name in ("year", "granted", "taken", "pending", "left")}
        return cls(kind_id=one.kind.id, **days)


class RequestsDocument(Document):
    """What an associate asked for and was offered, and what is left of the leave."""

    kinds: list[KindOfLeaveDocument]
    balances: list[BalanceDocument]
    leave: list[LeaveDocument]
    swaps: list[SwapDocument]

    @classmethod
    def of(cls, leave: OwnLeave, swaps: Iterable[Swap]) -> Self:
        """Return the document of everything that is open, and of what was."""
        return cls(
            kinds=[
                KindOfLeaveDocument(id=one.id, name=one.name, has_balance=one.has_balance, notice_days=one.notice_days)
                for one in leave.kinds
            ],
            balances=[BalanceDocument.of(one) for one in leave.balances],
            leave=[LeaveDocument.of(one) for one in leave.requests],
            swaps=[SwapDocument.of(one) for one in swaps],
        )


class PartnerDayDocument(Document):
    """A day of a possible swap: what one has, and what one would have."""

    day: date
    mine: str
    theirs: str


class PartnerDocument(Document):
    """Somebody with whom a swap keeps every rule."""

    id: int
    name: str
    team: str
    days: list[PartnerDayDocument]

    @classmethod
    def of(cls, one: Partner) -> Self:
        """Return the document of a partner."""
        days = [PartnerDayDocument(day=change.day, mine=change.mine, theirs=change.theirs) for change in one.days]
        return cls(id=one.associate_id, name=one.name, team=one.team, days=days)


class PartnersDocument(Document):
    """The partners for a day, people of the own team first."""

    partners: list[PartnerDocument]


class OfferDocument(Document):
    """An offer as one associate sees it: `own` is one's place in it, `against` why one may not take it."""

    id: int
    kind: OfferKind
    day: date
    shift: str
    note: str
    closes_at: Instant
    places: int
    taken: int
    waiting: int
    is_open: bool
    own: TakeState | None
    against: str

    @classmethod
    def of(cls, view: OfferView) -> Self:
        """Return the document of an offer."""
        one, own = view.offer, None if view.own is None else view.own.state
        facts = {
            name: getattr(one, name) for name in ("id", "kind", "day", "shift", "note", "closes_at", "places", "taken", "waiting")
        }
        return cls(**facts, is_open=view.is_open, own=own, against=in_words(view.against))


class OffersDocument(Document):
    """The offers that an associate sees."""

    offers: list[OfferDocument]


class PlaceDocument(Document):
    """One's place in an offer, or in its waiting list; nothing after it was given back."""

    state: TakeState | None


class WishDocumentOfPeriod(Document):
    """A wish, and whether it was kept; nothing as long as no roster is published."""

    day: date | None
    shift: str
    points: int
    kept: bool | None


class WindowDocument(Document):
    """A period for which wishes are asked, with one's own."""

    id: int
    first_day: date
    last_day: date
    closes_at: Instant
    points: int
    is_open: bool
    wishes: list[WishDocumentOfPeriod]

    @classmethod
    def of(cls, view: WishView) -> Self:
        """Return the document of a window."""
        window = {name: getattr(view.window, name) for name in ("id", "first_day", "last_day", "closes_at", "points")}
        kept = {number: outcome.is_kept for number, outcome in view.outcomes.items()}
        wishes = [
            WishDocumentOfPeriod(day=one.day, shift=one.shift, points=one.points, kept=kept.get(one.id)) for one in view.wishes
        ]
        return cls(**window, is_open=view.is_open, wishes=wishes)


class WindowsDocument(Document):
    """The periods for which wishes are or were asked, the latest first."""

    windows: list[WindowDocument]


class EffectDocument(Document):
    """What happens to one skill on one day, in head-hours below the requirement; the worst interval afterwards."""

    day: date
    skill: str
    short_before: float
    short_after: float
    worst_at: Instant
    worst_heads: float

    @classmethod
    def of(cls, one: SkillEffect) -> Self:
        """Return the document of an effect."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class LeaveToDecideDocument(Document):
    """Leave to decide, with its effect on coverage and the rules that would be broken."""

    request: LeaveDocument
    charged_days: int
    effects: list[EffectDocument]
    broken: list[str]

    @classmethod
    def of(cls, one: LeaveToDecide) -> Self:
        """Return the document of leave to decide."""
        effects = [EffectDocument.of(effect) for effect in one.effect.coverage]
        broken = [rule.message for rule in one.effect.broken]
        return cls(
            request=LeaveDocument.of(one.request), charged_days=len(one.days.charged), effects=effects, broken=broken
        )  # fmt: skip


class SwapToDecideDocument(Document):
    """A swap to decide, with its effect on coverage, and what stands against it."""

    swap: SwapDocument
    effects: list[EffectDocument]
    against: str

    @classmethod
    def of(cls, one: SwapToDecide) -> Self:
        """Return the document of a swap to decide."""
        effects = [EffectDocument.of(effect) for effect in one.effect.coverage]
        return cls(swap=SwapDocument.of(one.swap), effects=effects, against=str(one.effect.against))


class InboxDocument(Document):
    """A page of what waits for a decision, the first come first."""

    leave: list[LeaveToDecideDocument]
    waitlisted: list[LeaveDocument]
    swaps: list[SwapToDecideDocument]
    page: int
    pages: int

    @classmethod
    def of(cls, inbox: Inbox) -> Self:
        """Return the document of what waits."""
        return cls(
            leave=[LeaveToDecideDocument.of(one) for one in inbox.leave],
            waitlisted=[LeaveDocument.of(one) for one in inbox.waitlisted],
            swaps=[SwapToDecideDocument.of(one) for one in inbox.swaps],
            page=inbox.pages.page,
            pages=inbox.pages.count,
        )
