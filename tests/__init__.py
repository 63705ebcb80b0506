"""What shows that MoviLab does what it says. docs/patterns.md tells where a new test belongs."""
