"""The process that stays for the scoreboard: a look then costs the units that changed, not the start of Python.

`python -m services.assessment.scores.score_worker`; it keeps no scores itself, so a killed one costs a start."""

from chassis.process.worker_process import serve
from services.assessment.scores.score_run import run

MODULE = "services.assessment.scores.score_worker"

if __name__ == "__main__":
    serve(run)
