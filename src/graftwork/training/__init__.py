"""Training: losses, balancing, stopping, the affected part, cached frozen activations."""

from graftwork.training._train import Criterion, StopReason, Trained, TrainingOptions, train
from graftwork.training.balancing import BALANCERS, Balancer, Static, named_balancer
from graftwork.training.losses import output_losses, split_losses
from graftwork.training.stopping import Convergence

__all__ = [
    "BALANCERS",
    "Balancer",
    "Convergence",
    "Criterion",
    "Static",
    "StopReason",
    "Trained",
    "TrainingOptions",
    "named_balancer",
    "output_losses",
    "split_losses",
    "train",
]
