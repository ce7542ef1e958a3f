"""Warm kernels: each one forked from a process that has already imported, drawn and fitted what a template needs."""

from evalkit.batch.warm.launching import Reading, warm_root
from evalkit.batch.warm.parent import WarmKernel, WarmParent, WarmUnavailableError

__all__ = ["Reading", "WarmKernel", "WarmParent", "WarmUnavailableError", "warm_root"]
