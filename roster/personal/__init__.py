"""Personal rosters: everybody has terms of their own, so lines are priced one associate at a time.

The rooms, in the order in which a newcomer reads them: `question` (what is asked), `check` (what is right), `states` (the
sequence rules as a small automaton), `kernel` with `pricing` (the best line of one associate at given prices), `columns` (the
master linear programme), `ascent` (a quick bound, and first prices), `generation` (lines for the programme until its bound is
proven), `dive` (from fractions to a roster), `annealing`, `neighbourhood` and `exact` (a roster made better, in neighbourhoods of
`choice` and by the `ways` that pay), `search` (what one worker does), `solver` (the recipe).
"""
