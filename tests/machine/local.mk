# Whole-machine runs, headless.
