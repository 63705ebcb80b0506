"""The shelves of every installation, as they stand in `catalogue.json`."""

from pathlib import Path

from app.finding.tree import Tree

FILE = Path(__file__).resolve().parent / "catalogue.json"
TREE = Tree(FILE)
