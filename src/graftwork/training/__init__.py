"""Training: losses, balancing, stopping, the affected part, cached frozen activations."""

from graftwork.training._train import Criterion, StopReason, Trained, TrainingOptions, train
from graftwork.training.balancing import Balancer, StaticBalancer
from graftwork.training.losses import output_losses, split_losses
from graftwork.training.stopping import Convergence

__all__ = [
    "Balancer",
    "Convergence",
    "Criterion",
    "StaticBalancer",
    "StopReason",
    "Trained",
    "TrainingOptions",
    "output_losses",
    "split_losses",
    "train",
]
