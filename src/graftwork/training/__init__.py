"""Training: losses, balancing, stopping, the affected part, cached frozen activations."""

from graftwork.training._train import Criterion, StopReason, Trained, train
from graftwork.training.balancing import (
    BALANCERS,
    Aggregated,
    Balancer,
    Dynamic,
    Scaled,
    Sequential,
    Static,
    Uncertainty,
    check_balancer,
    named_balancer,
)
from graftwork.training.losses import output_losses, split_losses
from graftwork.training.options import TrainingOptions
from graftwork.training.stopping import Convergence

__all__ = [
    "BALANCERS",
    "Aggregated",
    "Balancer",
    "Convergence",
    "Criterion",
    "Dynamic",
    "Scaled",
    "Sequential",
    "Static",
    "StopReason",
    "Trained",
    "TrainingOptions",
    "Uncertainty",
    "check_balancer",
    "named_balancer",
    "output_losses",
    "split_losses",
    "train",
]
