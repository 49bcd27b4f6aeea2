"""The month of a planning unit: its problem, its versions, moves, trials and the morning somebody is missing."""
