"""The indicator catalogue: what each indicator measures, how it reads, and what must be known before it is compared."""

from evalkit.catalogue.catalogue import Catalogue
from evalkit.catalogue.loader import load_catalogue, nearest, read_catalogue

__all__ = ["Catalogue", "load_catalogue", "nearest", "read_catalogue"]
