"""Finding: near a place and by words, the same way for whatever neighbours look for.

A room says what is searched (`searched.Searched`) and what can be wanted of it (`wanted.Wanted`); how it is found, in
which order, and how forgiving to slips, stands here once.
"""
