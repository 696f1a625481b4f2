"""Rotations: cyclic rosters in which row i continues in row i + 1, and the last row in the first.

A rotation is one closed walk over weeks, so it is found as an integer circulation of work stints and rests over the weekdays,
kept in one piece by cuts, and laid out as an Eulerian walk (Becker, Schiffer, Walther, "An Efficient Formulation for the
Rotating Workforce Scheduling Problem", INFORMS J. Computing 34(3), 2022). The question is in `scheduling.rotation`;
read `stints`, `circulation`,
`connectivity`, `walk`, `solver`, `explain`, in this order; `check` knows none of them.
"""
