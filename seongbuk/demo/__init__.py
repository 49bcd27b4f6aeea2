"""The demo world: an invented district with the plan's proportions, dated relative to today."""
