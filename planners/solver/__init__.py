"""The month scheduler: a problem in, a plan with its proof out; no database, no clock but a watchdog."""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from planners.solver.plan_month import solve  # noqa: E402
from planners.solver.problem import BookingConflict, Plan, Problem, Session, Visit  # noqa: E402

__all__ = ["BookingConflict", "Plan", "Problem", "Session", "Visit", "solve"]
