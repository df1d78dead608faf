"""Annex: what a finished search shows, and what it says about itself.

plots         the incumbent, an architecture's graph, costs, confusions, comparisons
layout        where the nodes of a graph stand in its drawing
replay        a search as a film
run_card      what a search was, what it found and what it cost; a checklist of good practice
"""
