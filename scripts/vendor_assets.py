"""Copy what browsers get from others out of their npm packages into static/vendor, and keep a list of checksums.

    python scripts/vendor_assets.py            npm ci in a temporary folder, copy, write the list (network, npm)
    python scripts/vendor_assets.py --check    fail when a committed file differs from the list (no network)

Versions are pinned with their hashes by package-lock.json; no package runs a script of its own here.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"

# Package -> {file in the package: name in static/vendor/<package>/}. A file that is there already is gone on with:
# what is always used together is asked for once.
ASSETS = {
    "@zxing/browser": {"umd/zxing-browser.min.js": "reader.js", "LICENSE": "LICENSE"},
    "@zxing/library": {"LICENSE": "LICENSE"},  # which the reader holds
    "htmx.org": {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"},
    "leaflet": {"dist/leaflet.js": "map.js", "dist/leaflet.css": "map.css", "LICENSE": "LICENSE"},
    "leaflet.markercluster": {
        "dist/leaflet.markercluster.js": "../leaflet/map.js",
        "dist/MarkerCluster.css": "../leaflet/map.css",
        "MIT-LICENCE.txt": "LICENSE",
    },
}


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def vendored_files() -> dict[str, str]:
    """Every file under static/vendor but the list itself, with its SHA-256."""
    files = (path for path in sorted(VENDOR.rglob("*")) if path.is_file() and path != MANIFEST)
    return {path.relative_to(VENDOR).as_posix(): checksum(path) for path in files}


def versions() -> dict[str, str]:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    return {name: lock["packages"][f"node_modules/{name}"]["version"] for name in sorted(ASSETS)}


def copy_assets() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
        shutil.rmtree(VENDOR, ignore_errors=True)
        for package, files in ASSETS.items():
            (VENDOR / package).mkdir(parents=True)
            for source, target in files.items():
                with (VENDOR / package / target).open("ab") as copied:
                    copied.write(b"\n" if copied.tell() else b"")
                    copied.write(Path(folder, "node_modules", package, source).read_bytes())
    manifest = {"versions": versions(), "sha256": vendored_files()}
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def differences() -> list[str]:
    """What does not match the list, in sentences; empty when all is as listed."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    listed, found = manifest["sha256"], vendored_files()
    told = [f"missing: {name}" for name in listed if name not in found]
    told += [f"not in the list: {name}" for name in found if name not in listed]
    told += [f"changed: {name}" for name in listed if name in found and found[name] != listed[name]]
    if manifest["versions"] != versions():
        told.append("package-lock.json pins other versions than the vendored files: run this script again")
    return told


def main() -> int:
    if "--check" not in sys.argv[1:]:
        copy_assets()
    told = differences()
    for sentence in told:
        print("static/vendor:", sentence)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
