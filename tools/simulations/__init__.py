"""Simulated designs in which the truth is known, and how often each estimator of `evalkit.stats` finds it."""
