"""Measures of MoviLab, as ratios taken in one run on one machine; `make bench` writes `results.md`."""
