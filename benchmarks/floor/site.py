"""A site with many associates at work and many tasks waiting, written straight into the tables."""

from __future__ import annotations

from sqlalchemy import Engine

from benchmarks.floor.server import address, connected

TEAMS = 40
ASSOCIATES = 20_000

SITE = """
INSERT INTO site (code, name, zone_name, interval_minutes, rules, rules_version)
    VALUES ('BENCH', 'Benchmark', 'Asia/Kolkata', 15, '{}', 1);
INSERT INTO skill (site_id, name, position) SELECT site.id, 'skill ' || n, n FROM site, generate_series(1, 5) n;
INSERT INTO queue (site_id, skill_id, name, kind, sla_seconds, max_occupancy)
    SELECT skill.site_id, skill.id, 'queue ' || position,
        CASE WHEN position < 5 THEN 'realtime' ELSE 'backlog' END::queue_kind, 300 * position * position, 0.9
    FROM skill ORDER BY position;
INSERT INTO team (site_id, name) SELECT site.id, 'team ' || n FROM site, generate_series(1, 40) n;
INSERT INTO queue_head SELECT id, '-infinity' FROM queue;
"""

PEOPLE = """
INSERT INTO associate (site_id, team_id, code, name, work_mode, position)
    SELECT t.site_id, t.id, 'A' || n, 'Associate ' || n, 'home', n
    FROM generate_series(1, %(associates)s) n
    JOIN (SELECT id, site_id, row_number() OVER (ORDER BY id) AS place FROM team) t ON t.place = 1 + mod(n, %(teams)s)
"""

DESKS = """
INSERT INTO associate_skill SELECT a.id, s.id FROM associate a, skill s;
INSERT INTO break_policy (site_id, settings, least_productive_minutes, most_productive_minutes)
    SELECT id, '{}', 408, 420 FROM site;
INSERT INTO break_pattern (break_policy_id, span_minutes, productive_minutes, fingerprint)
    SELECT id, 540, 420, 'one' FROM break_policy;
INSERT INTO break_slot SELECT id, 200, 120, 0, 'meal', false FROM break_pattern;
INSERT INTO shift_type (site_id, code, starts_at, span_minutes, position) SELECT id, 'D', '09:00', 540, 0 FROM site;
INSERT INTO roster (site_id, break_policy_id, name, note, first_day, weeks, interval_minutes, state, created_at, created_by,
        rules, skill_ids, shift_type_ids, status, objective, bound, gap, wall_seconds, seed, versions, parameters,
        objective_parts, kpis)
    SELECT site_id, id, 'drawn', '', current_date, 1, 15, 'draft', now(), 'benchmark', '{}', '{}', '{}', 'feasible',
        0, 0, 0, 0, 0, '{}', '{}', '{}', '{}' FROM break_policy;
INSERT INTO duty (associate_id, day, roster_id, shift_type_id, span_minutes, starts_at, ends_at, break_pattern_id,
        published_break_pattern_id, place)
    SELECT a.id, current_date, r.id, s.id, 540, now() - interval '210 min', now() + interval '330 min', p.id, p.id, 'home'
    FROM associate a, roster r, shift_type s, break_pattern p;
-- Work before a break that is over, and work until the end of the shift: where a claim has to look, there is a choice.
INSERT INTO stretch SELECT associate_id, starts_at, starts_at + interval '150 min', day FROM duty;
INSERT INTO stretch SELECT associate_id, starts_at + interval '200 min', ends_at, day FROM duty;
INSERT INTO desk (associate_id, site_id, team_id, state, since) SELECT id, site_id, team_id, 'working', now() FROM associate;
INSERT INTO mix SELECT t.id, q.id, 1, CASE q.kind WHEN 'backlog' THEN 0.1 ELSE 0 END FROM team t, queue q;
INSERT INTO lane (associate_id, queue_id, weight, relative_speed, handling_mean_seconds, handling_p95, lease, reserved_from,
        reserved_until)
    SELECT a.id, q.id, q.weight, 1, 40, interval '70 s', interval '180 s', 0, CASE q.kind WHEN 'backlog' THEN 0.1 ELSE 0 END
    FROM associate a, queue q;
"""

JOBS = """
INSERT INTO job (site_id, queue_id, reference, media_kind, media_url, media_text, priority, arrived_at, due_at, answers_wanted)
    SELECT q.site_id, q.id, 'R' || n, 'video', 'https://media.invalid/' || n || '.mp4', '', 0,
        now() - (%(jobs)s - n) * interval '1 ms', now() - (%(jobs)s - n) * interval '1 ms' + q.sla_seconds * interval '1 s',
        CASE WHEN mod(n, 100) < 5 THEN 2 ELSE 1 END
    FROM generate_series(1, %(jobs)s) n
    JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM queue) q ON q.place = 1 + mod(n, 5);
INSERT INTO task (job_id, queue_id, state, rank_at, arrived_at, due_at, is_double, is_gold)
    SELECT id, queue_id, 'waiting', due_at, arrived_at, due_at, answers_wanted = 2, false
    FROM job, generate_series(1, answers_wanted) ORDER BY id;
"""

RESTORE = """
UPDATE task SET state = 'waiting', associate_id = NULL, is_ahead = NULL, lease_token = NULL, leased_at = NULL,
    started_at = NULL, expires_at = NULL
WHERE state = 'leased'
"""


def open_site(engine: Engine, associates: int = ASSOCIATES) -> None:
    """Write a site whose associates are all at work and may take from all queues."""
    with connected(address(engine)) as connection:
        connection.execute(SITE, prepare=False)
        connection.execute(
            PEOPLE,
            {"associates": associates, "teams": TEAMS},
        )
        connection.execute(DESKS, prepare=False)
        connection.execute("VACUUM ANALYZE")


def fill_queues(engine: Engine, jobs: int) -> None:
    """Put so many jobs into the queues in place of those that are there."""
    with connected(address(engine)) as connection:
        connection.execute("TRUNCATE job, task, answer RESTART IDENTITY")
        for statement in JOBS.split(";\n")[:2]:
            connection.execute(statement.replace("%(jobs)s", str(jobs)))
        connection.execute("VACUUM ANALYZE job, task")
        connection.execute("SELECT advance_queue_heads()")


def put_back(engine: Engine) -> None:
    """Put every leased task back, and clear what that left behind."""
    with connected(address(engine)) as connection:
        connection.execute("UPDATE queue_head SET rank_from = '-infinity'")
        connection.execute(RESTORE)
        connection.execute("VACUUM ANALYZE task")
        connection.execute("SELECT advance_queue_heads()")
