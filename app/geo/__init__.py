"""Where things are, told no finer than neighbours agreed to: cells instead of points, distances, what is near."""
