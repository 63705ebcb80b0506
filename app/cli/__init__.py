"""Commands for those who run an installation: first steps, demo territory, scheduler."""
