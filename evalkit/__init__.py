"""evalkit evaluates public programmes territory by territory.

Importing this package stays light: each room loads its heavy libraries where it uses them.
"""

__version__ = "0.1.0"
