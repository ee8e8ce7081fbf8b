"""Watches the life of every asyncio event loop of this process and records it as facts.

The probe never judges, never waits and never raises into the program that it watches.
"""

from __future__ import annotations

from .journal import Journal
from .probe import Probe

__all__ = ("Journal", "Probe", "__version__")
__version__ = "0.1.0"
