"""Differences in differences over a panel of territories: reading the panel, the estimators, their inference."""
