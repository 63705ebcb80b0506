"""Long proofs: whole with MOVILAB_FULL=1 (`make test-all`), a tenth of it otherwise."""

import os

FULL = os.environ.get("MOVILAB_FULL") == "1"


def sized(full: int) -> int:
    """How many repetitions a proof of `full` repetitions does in this run."""
    return full if FULL else max(1, full // 10)
