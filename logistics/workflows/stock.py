"""Spaces and goods: the deeds of stock, by name."""

from logistics.workflows.goods import count as count
from logistics.workflows.goods import receive as receive
from logistics.workflows.leases import answer_lease as answer_lease
from logistics.workflows.leases import expire_leases as expire_leases
from logistics.workflows.nodes import move_nodes as move_nodes
