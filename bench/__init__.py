"""Measure Huopan beside a floor of hand-written SQL, in the same minutes: `python -m bench`."""
