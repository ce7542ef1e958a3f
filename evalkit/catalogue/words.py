"""The closed words of a definition (direction, kind, level, method, rule) as texts that readers understand."""

from __future__ import annotations

from evalkit.text.messages import Message, msg

POLARITIES: dict[str, Message] = {
    "up": msg("higher is better"),
    "down": msg("lower is better"),
    "neutral": msg("no favourable direction"),
    "target": msg("judged against a local target"),
    "delivery": msg("progress against what was planned"),
}
KINDS: dict[str, Message] = {
    "input": msg("input"),
    "output": msg("output"),
    "result": msg("result"),
    "impact": msg("impact"),
    "context": msg("context"),
}
DAC_CRITERIA: dict[str, Message] = {
    "relevance": msg("relevance"),
    "coherence": msg("coherence"),
    "effectiveness": msg("effectiveness"),
    "efficiency": msg("efficiency"),
    "impact": msg("impact"),
    "sustainability": msg("sustainability"),
}
LEVELS: dict[str, Message] = {
    "qpv": msg("priority district (QPV)"),
    "iris": msg("IRIS"),
    "grid_cell": msg("grid cell"),
    "commune": msg("commune"),
    "epci": msg("EPCI"),
    "urban_unit": msg("urban unit"),
    "department": msg("department"),
    "region": msg("region"),
    "country": msg("country"),
    "zone": msg("zone"),
    "programme": msg("programme"),
    "strategy": msg("strategy or axis"),
    "contract": msg("contract"),
    "project": msg("project"),
    "operation": msg("operation"),
    "structure": msg("structure"),
    "school": msg("school"),
    "landlord": msg("landlord"),
}
INTERVAL_METHODS: dict[str, Message] = {
    "none": msg("no interval"),
    "wilson": msg("Wilson"),
    "wilson_census": msg("Wilson on census counts (approximation)"),
    "byar": msg("Byar, exact Poisson below 10"),
    "newcombe": msg("Newcombe"),
    "order_statistics": msg("order statistics of the median"),
    "bootstrap": msg("bootstrap"),
    "survey_design": msg("survey design"),
    "kaplan_meier": msg("Kaplan-Meier"),
    "trend_test": msg("weighted trend"),
    "published": msg("published by the producer"),
}
DISCLOSURE_RULES: dict[str, Message] = {
    "insee_tax": msg("Insee, tax data: fewer than 11 units not published"),
    "insee_business": msg("Insee, business statistics: fewer than 3 units or one above 85% not published"),
    "insee_census": msg("Insee, census: rules of the producer"),
    "cnaf": msg("Cnaf: rules of the producer"),
    "dares": msg("Dares and France Travail: rules of the producer"),
    "depp": msg("Depp: rules of the producer"),
    "sdes": msg("SDES: rules of the producer"),
    "dgfip_dvf": msg("DGFiP, DVF: fewer than 11 sales not published"),
    "none": msg("no rule of a producer"),
}
FREQUENCIES: dict[str, Message] = {
    "monthly": msg("monthly"),
    "quarterly": msg("quarterly"),
    "half_yearly": msg("every six months"),
    "yearly": msg("yearly"),
    "irregular": msg("irregular"),
    "once": msg("once"),
}
BREAKDOWNS: dict[str, Message] = {
    "sex=female": msg("women"),
    "sex=male": msg("men"),
    "nationality=foreign": msg("foreigners"),
    "nationality=french": msg("French nationals"),
    "dwelling=flat": msg("flats"),
    "dwelling=house": msg("houses"),
    "family=association": msg("associations"),
    "family=cooperative": msg("cooperatives"),
    "family=mutual": msg("mutual societies"),
    "family=foundation": msg("foundations"),
    "family=other": msg("others"),
    "age=under_26": msg("under 26"),
    "age=26_to_49": msg("26 to 49"),
    "age=50_and_over": msg("50 and over"),
}
