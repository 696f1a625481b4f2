"""A day of 1,000 associates and 400,000 jobs through the real services, on the roster of the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Engine, text

from benchmarks.floor.server import DATABASE, fresh_server, migrated, report
from sample.facts import QUEUES, ZONE_NAME
from sample.operation import build_sample
from sample.volumes import slot_profile
from scheduling.duties import Duty
from scheduling.jobs import MediaKind
from services import drafting, loading, publishing, upkeep
from services.ledgers import day_ledgers
from services.opening import open_floor
from services.planning import plan, prepare
from services.simulated_floor import Judgements, MovedClock, ServiceFloor, planned_people
from simulation.attainment import in_sla_share
from simulation.draws import Habits, QueueLoad, draw_jobs, draw_people
from simulation.engine import Pace, Simulation
from simulation.world import SimulatedJob, SimulatedPerson
from storage.duties import duties_between

ASSOCIATES, JOBS, LOAD, SEED = 1_000, 400_000, 0.95, 1
DAY_SECONDS = 86_400.0
FIRST_DAY = date(2027, 1, 4)
SIMULATED_DAY = date(2027, 1, 6)
SITE = "DAY"
PUNCTUAL_BREAKS = Habits(finishing_seconds=0.0)
"""People who begin their breaks when they are planned, whatever is in hand then."""


def run(*, seconds: float, most: int) -> None:
    """Build and publish a roster, let a day pass, and print what came of it; fewer jobs where `most` is below 400,000.

    One thread plays everybody, so that each answer would wait for the disk alone, where those of a real floor share a wait. A
    simulation that is lost is begun anew, so nothing waits for the disk here; all else is as in an installation.
    """
    with fresh_server() as server, migrated(server) as engine:
        with engine.begin() as connection:
            connection.execute(text(f"ALTER DATABASE {DATABASE} SET synchronous_commit = off"))
        engine.dispose()
        measure(engine, ASSOCIATES, min(most, JOBS))


def measure(engine: Engine, associates: int, job_count: int) -> None:
    """Simulate the day, and print one line."""
    start = datetime.combine(SIMULATED_DAY, time(), ZoneInfo(ZONE_NAME))
    clock = MovedClock(start)
    site_id = _publish(engine, associates, clock)
    open_floor(engine, site_id, clock=clock)
    with engine.connect() as connection:
        duties = duties_between(connection, site_id, start, start + timedelta(days=1))
        queue_ids: dict[str, int] = dict(connection.execute(text("SELECT name, id FROM queue")).tuples().all())
        lanes = connection.execute(text("SELECT associate_id, queue_id FROM lane")).tuples().all()
    queues_of = {who: frozenset(queue for person, queue in lanes if person == who) for who in {who for who, _ in lanes}}
    people = draw_people(planned_people(duties, queues_of, start, DAY_SECONDS), PUNCTUAL_BREAKS, SEED)
    jobs = _jobs(queue_ids, people, job_count)
    floor = ServiceFloor(
        engine,
        site_id,
        {number: name for name, number in queue_ids.items()},
        clock,
        "DAY",
        lambda job: (MediaKind.VIDEO, f"https://media.invalid/{job.number}.mp4", ""),
        Judgements([{"verdict": "ok"}]),
        _upkeep(engine, site_id, clock),
    )
    began = perf_counter()
    done = Simulation(floor, jobs, people, pace=Pace(batch_seconds=2.0)).run(DAY_SECONDS)
    wall = perf_counter() - began
    shares = in_sla_share(jobs, done, DAY_SECONDS)
    names = {number: name for name, number in queue_ids.items()}
    report(
        benchmark="floor day",
        associates=associates,
        shifts=len(people),
        jobs=len(jobs),
        seconds=round(wall, 1),
        times_real_time=round(DAY_SECONDS / wall, 1),
        in_sla_percent={names[number]: round(100 * share, 2) for number, share in shares.items()},
        **_balance(engine, len(jobs)),
        handed_back_at_breaks=done.handed_back,
        **_breaks(done.into_break_seconds, len(done.answered_at)),
        answered_twice=done.repeated,
        answers_refused=done.refused,
        **_promises(engine, site_id, duties, clock),
    )


def _publish(engine: Engine, associates: int, clock: MovedClock) -> int:
    operation = build_sample(associates, 1, SEED, FIRST_DAY)
    loading.load_operation(engine, operation, site=SITE, name="A day", by="benchmark", clock=clock)
    scenario = prepare(operation)
    result = plan(scenario, lambda _: None, lambda: False, SEED, 45.0, 2)
    draft = drafting.save_draft(engine, SITE, scenario, result, by="benchmark", clock=clock)
    publishing.publish_roster(engine, draft.id, draft.version, by="benchmark", clock=clock, reason="measured")
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT id FROM site")).scalar_one())


def _jobs(queue_ids: dict[str, int], people: list[SimulatedPerson], count: int) -> list[SimulatedJob]:
    """Return about `count` jobs in the shares and shapes of the sample, whose work is `LOAD` of what the people can do."""
    capacity = sum(max(0.0, min(DAY_SECONDS, high) - low) * one.relative_speed for one in people for low, high in one.stretches)
    weight = {facts.queue.name: facts.share / facts.aht_seconds for facts in QUEUES}
    total = sum(weight.values())
    mean = {facts.queue.name: LOAD * capacity * facts.share / (count * weight[facts.queue.name] / total) for facts in QUEUES}
    loads = []
    for facts in QUEUES:
        shape = slot_profile(facts)
        per_step = count * weight[facts.queue.name] / total * shape / shape.sum()
        loads.append(
            QueueLoad(
                queue_ids[facts.queue.name], facts.queue.sla_seconds, mean[facts.queue.name], np.asarray(per_step), 900.0, 0.4
            )
        )
    return draw_jobs(loads, SEED)


def _upkeep(engine: Engine, site_id: int, clock: MovedClock) -> Callable[[float], None]:
    last = {"open": 0.0, "roll": 0.0}

    def work(at: float) -> None:
        upkeep.sweep_leases(engine, clock=clock)
        upkeep.advance_heads(engine)
        if at - last["roll"] >= 60:
            last["roll"] = at
            upkeep.roll_up(engine, clock=clock)
        if at - last["open"] >= 3600:
            last["open"] = at
            open_floor(engine, site_id, clock=clock)

    return work


def _balance(engine: Engine, sent: int) -> dict[str, object]:
    with engine.connect() as connection:
        counts: dict[str, int] = dict(
            connection.execute(text("SELECT state::text, count(*) FROM task GROUP BY state")).tuples().all()
        )
        answers = connection.execute(text("SELECT count(*) FROM answer")).scalar_one()
    return {"sent": sent, "tasks": counts, "answers": answers, "lost": sent - sum(counts.values())}


def _breaks(over: list[float], answered: int) -> dict[str, object]:
    return {
        "ran_into_break": len(over),
        "ran_into_break_percent": round(100 * len(over) / max(1, answered), 3),
        "longest_into_break_seconds": round(max(over, default=0.0), 1),
    }


def _promises(engine: Engine, site_id: int, duties: list[Duty], clock: MovedClock) -> dict[str, object]:
    minutes = [one.productive_minutes for one in duties]
    ledgers = day_ledgers(engine, site_id, SIMULATED_DAY, clock=clock)
    return {
        "rostered_productive_minutes": [min(minutes), max(minutes)],
        "ledger_states": dict(Counter(str(one.guarantee.state) for one in ledgers.values())),
    }
