"""The JSON API as a whole: its document, its doors and its manners. Each room keeps its own calls in `api.py`."""
