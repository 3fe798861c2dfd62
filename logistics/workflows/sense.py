"""Hear what platforms tell, and see what it means: the deeds of sensing, by name."""

from logistics.workflows.foresee import sense as sense
from logistics.workflows.hear import IncomingBatch as IncomingBatch
from logistics.workflows.hear import RowProblem as RowProblem
from logistics.workflows.hear import receive_signals as receive_signals
from logistics.workflows.hear import remove_video as remove_video
