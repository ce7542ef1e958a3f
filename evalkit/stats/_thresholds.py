"""What a design asks of the data before it is tried: one constant each, with where it comes from.

A threshold marked "house rule" has no published value; it is a convention of this toolkit, stated so that it can be argued with.
"""

from __future__ import annotations

COMPARATORS = 20
"""Comparators of one territory: the rank of one among 20 is the first that can say 5% (Abadie, Diamond & Hainmueller 2010)."""

GROUP = 2
"""Territories in a group: below two there is no spread, so no error."""

MATCHING_POOL = 2.0
"""Comparison territories per treated one in a pool to match from: house rule, after the wish of Rubin (1979) and Stuart (2010) for a pool
larger than the treated group."""

CLUSTERS = 6
"""Clusters of a difference in differences: the exact wild bootstrap has 2^G signs, its smallest two-sided p-value 2/2^G falls below 5%
with six or more (Cameron, Gelbach & Miller 2008; MacKinnon & Webb 2017)."""

TREATED_CLUSTERS = 2
"""Treated clusters: with one, cluster errors and the wild bootstrap fail (Conley & Taber 2011; MacKinnon & Webb 2017)."""

PERIODS_BEFORE_DID = 2
"""Periods before of a difference in differences: with one, parallel trends cannot be looked at (Roth 2022)."""

PERIODS_BEFORE_SYNTHETIC = 5
"""Periods before of a synthetic control: house rule; the invented date needs four, and Abadie (2021) warns of short series."""

DONORS = 19
"""Donors of a synthetic control: with the territory itself they make 20 ranks, the first that can say 5% (Abadie et al. 2010)."""

EACH_SIDE = 20
"""Observations on each side of a threshold, the least the plug-in window is computed for: house rule (rddensity regularises at 23)."""

DIFFERENT_VALUES = 10
"""Different values of the running variable on each side: house rule, after Kolesár & Rothe (2018) on discrete running variables."""

JUMP = 0.1
"""Least jump of the share treated at the threshold: house rule; below it the threshold does not decide."""

MOST_SECRET = 0.2
"""Largest share of secret values among those compared: house rule. Secrecy is not random: it hides the smallest counts."""
