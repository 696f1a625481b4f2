from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from math import log
from random import Random

import pytest
from sqlalchemy import Engine, text

from allocation.policy import ReservedShareError
from scheduling.queues import QueueKind
from services.lanes import refresh_handling, refresh_weights
from services.opening import open_floor
from storage.lanes import answer_sums, queue_handling
from storage.quality import roll_up
from tests.answered import Given, answer_all
from tests.conftest import SteppedClock
from tests.published import Site, open_site

MORNING = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(MORNING)


@pytest.fixture
def site(engine: Engine, clock: SteppedClock) -> Site:
    return open_site(engine, clock)


def lanes(site: Site) -> dict[tuple[str, str], tuple[float, float, float]]:
    query = text(
        "SELECT a.code, q.name, l.weight, l.reserved_from, l.reserved_until FROM lane l "
        "JOIN associate a ON a.id = l.associate_id JOIN queue q ON q.id = l.queue_id"
    )
    with site.engine.connect() as connection:
        return {(row.code, row.name): (row.weight, row.reserved_from, row.reserved_until) for row in connection.execute(query)}


def wanted(site: Site) -> set[tuple[str, str]]:
    queues = queue_skills(site)
    return {(one.code, queue) for one in site.scenario.associates for queue, skill in queues.items() if skill in one.skills}


def queue_skills(site: Site) -> dict[str, str]:
    with site.engine.connect() as connection:
        rows = connection.execute(text("SELECT q.name, s.name AS skill FROM queue q JOIN skill s ON s.id = q.skill_id"))
        return {row.name: row.skill for row in rows}


def set_mix(site: Site, queue: str, share: float, reserved_share: float) -> None:
    change = text(
        "UPDATE mix SET share = :share, reserved_share = :reserved WHERE queue_id = (SELECT id FROM queue WHERE name = :queue)"
    )
    with site.engine.begin() as connection:
        connection.execute(change, {"share": share, "reserved": reserved_share, "queue": queue})
        refresh_weights(connection, site_id=site.site_id)


def test_everybody_has_a_lane_for_each_queue_whose_skill_is_there(site: Site) -> None:
    found = lanes(site)
    assert found.keys() == wanted(site)
    assert all(weight > 0 for weight, _, _ in found.values())


def test_a_skill_that_comes_or_goes_makes_or_takes_lanes(site: Site, clock: SteppedClock) -> None:
    who = next(one for one in site.scenario.associates if len(one.skills) > 1)
    lost = min(who.skills)
    with site.engine.begin() as connection:
        take = "DELETE FROM associate_skill WHERE associate_id = :who AND skill_id = (SELECT id FROM skill WHERE name = :skill)"
        connection.execute(text(take), {"who": site.associate_id(who.code), "skill": lost})
    open_floor(site.engine, site.site_id, clock=clock)
    gone = {(who.code, queue) for queue, skill in queue_skills(site).items() if skill == lost}
    assert gone
    assert lanes(site).keys() == wanted(site) - gone
    with site.engine.begin() as connection:
        give = "INSERT INTO associate_skill SELECT :who, id FROM skill WHERE name = :skill"
        connection.execute(text(give), {"who": site.associate_id(who.code), "skill": lost})
    assert open_floor(site.engine, site.site_id, clock=clock).lanes == len(gone)
    assert lanes(site).keys() == wanted(site)
    assert all(lanes(site)[key][0] > 0 for key in gone)


def test_a_change_of_the_mix_holds_at_once_and_share_zero_means_not_served(site: Site) -> None:
    before = lanes(site)
    queue = next(iter(queue_skills(site)))
    set_mix(site, queue, 2.5, 0.1)
    changed = lanes(site)
    for (code, name), (weight, first, last) in changed.items():
        if name == queue:
            assert weight == pytest.approx(2.5 * before[code, name][0])
            assert last - first == pytest.approx(0.1)
        else:
            assert weight == before[code, name][0]
    set_mix(site, queue, 0.0, 0.1)
    off = {key: value for key, value in lanes(site).items() if key[1] == queue}
    assert set(off.values()) == {(0.0, 0.0, 0.0)}
    set_mix(site, queue, 1.0, 0.0)
    assert {key: value[0] for key, value in lanes(site).items()} == pytest.approx(
        {key: value[0] for key, value in before.items()}
    )


def test_backlog_queues_are_reserved_for_and_no_two_intervals_overlap(site: Site) -> None:
    for name in queue_skills(site):
        set_mix(site, name, 1.0, 0.11)
    mine: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for (code, _), (_, first, last) in lanes(site).items():
        mine[code].append((first, last))
    for spans in mine.values():
        ordered = sorted(spans)
        assert all(one[1] <= other[0] for one, other in itertools.pairwise(ordered))
        assert all(last - first == pytest.approx(0.11) for first, last in ordered)
    with pytest.raises(ReservedShareError, match="at most"):
        set_mix(site, next(iter(queue_skills(site))), 1.0, 0.5)
    assert max(last for spans in mine.values() for _, last in spans) <= 0.5


def test_at_first_backlog_queues_alone_are_reserved_for(site: Site) -> None:
    query = text("SELECT q.kind, m.share, m.reserved_share FROM mix m JOIN queue q ON q.id = m.queue_id")
    with site.engine.connect() as connection:
        found = {(row.kind, row.share, row.reserved_share) for row in connection.execute(query)}
    assert found == {(QueueKind.REALTIME.value, 1.0, 0.0), (QueueKind.BACKLOG.value, 1.0, 0.05)}


def test_a_new_backlog_queue_takes_no_more_than_may_be_reserved(site: Site, clock: SteppedClock) -> None:
    for name in queue_skills(site):
        set_mix(site, name, 1.0, 0.11)
    with site.engine.begin() as connection:
        add = text(
            "INSERT INTO queue (site_id, skill_id, name, kind, sla_seconds, max_occupancy) "
            "SELECT site_id, skill_id, name || ' new', 'backlog', 86400, 0.9 FROM queue"
        )
        connection.execute(add)
    open_floor(site.engine, site.site_id, clock=clock)
    with site.engine.connect() as connection:
        total = text("SELECT max(total), min(least) FROM (SELECT sum(reserved_share) AS total, min(reserved_share) AS least "
                     "FROM mix GROUP BY team_id) t")  # fmt: skip
        most, least = connection.execute(total).one()
    assert most <= 0.5 + 1e-9
    assert least >= 0
    clock.advance(1)


def test_who_is_lent_works_by_the_mix_of_the_other_team(site: Site, clock: SteppedClock) -> None:
    who = site.scenario.associates[0].code
    queue = next(name for code, name in lanes(site) if code == who)
    before = lanes(site)[who, queue][0]
    with site.engine.begin() as connection:
        made = connection.execute(
            text("INSERT INTO team (site_id, name) VALUES (:site, 'Lenders') RETURNING id"), {"site": site.site_id}
        ).scalar_one()
        connection.execute(
            text("INSERT INTO mix SELECT :team, id, 7, 0 FROM queue"), {"team": made}
        )  # fmt: skip
        lend = text("UPDATE desk SET team_id = :team, lent_until = :until WHERE associate_id = :who")
        connection.execute(lend, {"team": made, "until": clock.now() + timedelta(hours=1), "who": site.associate_id(who)})
        refresh_weights(connection, site_id=site.site_id, team_ids=[made])
    assert lanes(site)[who, queue][0] == pytest.approx(7 * before)
    clock.advance(3601)
    open_floor(site.engine, site.site_id, clock=clock)
    assert lanes(site)[who, queue][0] == pytest.approx(before)


def test_answers_are_added_up_once_whether_their_day_is_added_up_or_not(site: Site, clock: SteppedClock) -> None:
    now = clock.now()
    with site.engine.connect() as connection:
        pairs = connection.execute(text("SELECT associate_id, queue_id FROM lane ORDER BY 1, 2 LIMIT 3")).all()
    rng = Random(5)  # noqa: S311
    given = []
    for _ in range(120):
        who, queue = rng.choice(pairs)
        given.append(Given(who, queue, now - timedelta(minutes=rng.randrange(1, 9 * 1440)), rng.choice((0.0, 4.0, 11.5, 30.0))))
    answer_all(site.engine, given)
    since = now - timedelta(days=28)
    wanted: dict[tuple[int, int], list[float]] = defaultdict(list)
    for one in given:
        wanted[one.associate_id, one.queue_id].append(log(max(one.seconds, 0.1)))
    for rolled_up in (None, 5, 8):
        with site.engine.begin() as connection:
            if rolled_up is not None:
                first = (now - timedelta(days=10)).date()
                roll_up(connection, site.site_id, "Asia/Kolkata", first, first + timedelta(days=rolled_up))
            found = answer_sums(connection, site.site_id, since, now, "Asia/Kolkata")
        assert {key: sums.count for key, sums in found.items()} == {key: len(logs) for key, logs in wanted.items()}
        for key, logs in wanted.items():
            assert found[key].sum_ln == pytest.approx(sum(logs))
            assert found[key].sum_ln_squared == pytest.approx(sum(one * one for one in logs))


def test_what_is_known_of_a_queue_without_answers_comes_from_its_volumes(site: Site, clock: SteppedClock) -> None:
    now = clock.now()
    with site.engine.connect() as connection:
        queue = int(connection.execute(text("SELECT min(id) FROM queue")).scalar_one())
    put = text("INSERT INTO volume (queue_id, starts_at, jobs, aht_seconds) VALUES (:queue, :at, :jobs, :aht)")
    with site.engine.begin() as connection:
        connection.execute(text("DELETE FROM volume"))
        assert queue_handling(connection, site.site_id, now - timedelta(days=28), now)[queue].aht_seconds is None
        forecast = text("INSERT INTO forecast (queue_id, starts_at, jobs, aht_seconds) VALUES (:queue, :at, 9, 33)")
        connection.execute(forecast, {"queue": queue, "at": now - timedelta(hours=1)})
        assert queue_handling(connection, site.site_id, now - timedelta(days=28), now)[queue].aht_seconds == 33
        connection.execute(put, {"queue": queue, "at": now - timedelta(days=90), "jobs": 10, "aht": 50})
        assert queue_handling(connection, site.site_id, now - timedelta(days=28), now)[queue].aht_seconds == 50
        for days, jobs, aht in ((1, 30, 20), (2, 10, 40)):
            connection.execute(put, {"queue": queue, "at": now - timedelta(days=days), "jobs": jobs, "aht": aht})
        assert queue_handling(connection, site.site_id, now - timedelta(days=28), now)[queue].aht_seconds == pytest.approx(25)


def test_who_is_fast_is_given_weight_and_a_shorter_percentile_and_others_stay_usual(site: Site, clock: SteppedClock) -> None:
    now = clock.now()
    with site.engine.connect() as connection:
        pick = "SELECT associate_id, queue_id FROM lane WHERE queue_id = (SELECT min(queue_id) FROM lane) ORDER BY 1 LIMIT 3"
        rows = connection.execute(text(pick)).all()
    (fast, queue), (slow, _), (silent, _) = rows
    rng = Random(3)  # noqa: S311
    answer_all(
        site.engine,
        [
            Given(who, queue, now - timedelta(hours=rng.randrange(1, 400)), rng.lognormvariate(log(middle), 0.3))
            for who, middle in ((fast, 10.0), (slow, 20.0))
            for _ in range(150)
        ],
    )
    assert refresh_handling(site.engine, site.site_id, clock=clock) > 0
    read = text(
        "SELECT associate_id, weight, relative_speed, handling_mean_seconds AS mean, extract(epoch FROM handling_p95) AS p95, "
        "extract(epoch FROM lease) AS lease FROM lane WHERE queue_id = :queue"
    )
    with site.engine.connect() as connection:
        found = {row.associate_id: row for row in connection.execute(read, {"queue": queue})}
    assert found[fast].mean == pytest.approx(10 * 1.046, rel=0.15)
    assert found[slow].mean == pytest.approx(20 * 1.046, rel=0.15)
    assert found[fast].relative_speed / found[slow].relative_speed == pytest.approx(2, rel=0.2)
    assert found[silent].relative_speed == 1
    assert found[fast].p95 < found[silent].p95
    assert all(row.weight == pytest.approx(row.relative_speed) and row.lease >= 2 * float(row.p95) for row in found.values())
    assert refresh_handling(site.engine, site.site_id, clock=clock) == 0
