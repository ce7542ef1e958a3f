"""The demo data: a fictitious country in which the effects of the programme are known, and the plan that evaluates it."""

from evalkit.data.demo.building import DemoSummary, build_demo
from evalkit.data.demo.planning import demo_plan
from evalkit.data.demo.preparing import prepare_demo

__all__ = ["DemoSummary", "build_demo", "demo_plan", "prepare_demo"]
