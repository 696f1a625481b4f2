"""The floor simulated: jobs that arrive and people who work, are late and take breaks, drawn from seeded distributions.

The same events drive a floor in memory, on which policies are compared, and the real services on a real database.
"""
