"""Commands of those who run or build MoviLab: start, reset, check. The house imports none."""
