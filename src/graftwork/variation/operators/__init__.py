"""The operators, one file each."""

from graftwork.variation.operators.add_connection import AddConnection
from graftwork.variation.operators.bypass_network import BypassNetwork
from graftwork.variation.operators.change_activation import ChangeActivation
from graftwork.variation.operators.clone_network import CloneNetwork
from graftwork.variation.operators.continue_training import ContinueTraining
from graftwork.variation.operators.deepen_network import DeepenNetwork
from graftwork.variation.operators.delete_connection import DeleteConnection
from graftwork.variation.operators.divide_connection import DivideConnection
from graftwork.variation.operators.graft_network import GraftNetwork
from graftwork.variation.operators.merge_networks import MergeNetworks
from graftwork.variation.operators.narrow_layer import NarrowLayer
from graftwork.variation.operators.reinitialise_network import ReinitialiseNetwork
from graftwork.variation.operators.remove_layer import RemoveLayer
from graftwork.variation.operators.widen_layer import WidenLayer

__all__ = [
    "AddConnection",
    "BypassNetwork",
    "ChangeActivation",
    "CloneNetwork",
    "ContinueTraining",
    "DeepenNetwork",
    "DeleteConnection",
    "DivideConnection",
    "GraftNetwork",
    "MergeNetworks",
    "NarrowLayer",
    "ReinitialiseNetwork",
    "RemoveLayer",
    "WidenLayer",
]
