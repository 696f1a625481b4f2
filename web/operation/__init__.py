"""Pages on which planners keep the facts of a site: people, skills, teams, shift types, queues, holidays, rules, policy."""
