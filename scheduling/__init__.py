"""The kernel: the words and the arithmetic of time, people, shifts, requirements, plans, violations and figures.

It imports nothing of the project, no web framework and no database, so that every decider can run in a notebook, in a worker
or in a test.
"""
