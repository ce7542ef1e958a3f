"""The published cases by family, one module each: figures as their sources printed them, and how they are computed again."""
