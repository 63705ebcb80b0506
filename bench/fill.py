"""`python -m bench.fill --objects 1000000 --skills 100000`: fill the installation that the environment names
(`DATABASE_URL`, `MOVILAB_DATA`) for measuring: the demo territory first, then as many objects and skills as were asked
for."""

import argparse
import os
import sys
import time
from datetime import UTC, datetime

from app import create_app
from app.core import clock
from app.items.jobs import count_words
from app.skills.jobs import count_words as count_words_of_skills
from bench import servers, skills, territory
from config import Config

DEMO_OBJECTS = 600


def fill(settings: dict[str, str], *, objects: int, taught: int = 0, seed: int = 1) -> None:
    """Migrate, load the demo territory where nothing is, and add what is missing."""
    servers.flask(settings, "db", "upgrade")
    servers.flask(settings, "demo", "load", "--if-empty", "--objects", str(min(objects, DEMO_OBJECTS)))
    config = Config.from_environ(settings)
    today = datetime.now(UTC).date()
    territory.fill(config.database_url, objects=objects, seed=seed, today=today)
    skills.fill(config.database_url, skills=taught, seed=seed, today=today)
    with create_app(config).app_context():
        count_words(now=clock.now())
        count_words_of_skills(now=clock.now())


def main() -> int:
    """Fill, and say how long it took."""
    words = argparse.ArgumentParser(prog="python -m bench.fill", description=__doc__)
    words.add_argument("--objects", type=int, default=100_000)
    words.add_argument("--skills", type=int, default=0)
    words.add_argument("--seed", type=int, default=1)
    asked = words.parse_args()
    began = time.perf_counter()
    fill({**os.environ, "MOVILAB_ENV": "demo"}, objects=asked.objects, taught=asked.skills, seed=asked.seed)
    sys.stdout.write(
        f"{asked.objects} objects and {asked.skills} skills in {time.perf_counter() - began:.0f} s\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
