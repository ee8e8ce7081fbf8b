"""What can be measured. Adding a subject takes a file here and a line in ALL_SUBJECTS."""

from .churn import Churn
from .cold import Cold
from .command import Command
from .memory import Memory
from .reports import Reports
from .store import Store
from .throughput import Throughput
from .warm import Warm
from .watching import Watching

ALL_SUBJECTS = (Warm, Throughput, Cold, Churn, Command, Watching, Store, Reports, Memory)
