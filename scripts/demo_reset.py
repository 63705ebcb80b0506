"""`make demo-reset`: forget what was done in the demo and load it again.

Only a data folder that is marked as a demo, and only while nothing runs on it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from config import Config, ConfigError, data_folder, marked_environment
from scripts.processes import AlreadyRunning, hold

FORGOTTEN = ("movilab.sqlite3", "movilab.sqlite3-wal", "movilab.sqlite3-shm", "photos", "private", "mail")


def main() -> int:
    environ = dict(os.environ)
    folder = data_folder(environ)
    try:
        if marked_environment(folder) != "demo" or environ.get("MOVILAB_ENV", "demo").strip() not in (
            "",
            "demo",
        ):
            return _refuse(f"{folder} is not marked as a demo; nothing was touched.")
        config = Config.from_environ(environ)
        if config.database_url != f"sqlite:///{folder / 'movilab.sqlite3'}":
            return _refuse(
                "The demo's database is not in its folder (DATABASE_URL): empty that one yourself."
            )
        with hold(folder):
            forget(folder)
            return load(environ)
    except ConfigError as error:
        return _refuse(str(error))
    except AlreadyRunning as running:
        return _refuse(f"MoviLab runs on {folder} (process {running}): stop it first. Nothing was touched.")


def forget(folder: Path) -> None:
    for name in FORGOTTEN:
        old = folder / name
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)


def load(environ: dict[str, str]) -> int:
    prepared = subprocess.run([sys.executable, "-m", "scripts.prepare"], env=environ, check=False)
    if prepared.returncode == 0:
        print("The demo is as on its first day.")
    return prepared.returncode


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
