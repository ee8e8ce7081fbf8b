"""What can be measured. Adding a subject takes a file here and a line in ALL_SUBJECTS."""

from .cold import Cold
from .throughput import Throughput
from .warm import Warm

ALL_SUBJECTS = (Warm, Throughput, Cold)
