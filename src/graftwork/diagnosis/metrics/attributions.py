"""Attributions of captum to the activations of a component; needs `graftwork[captum]`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, get_args

import torch
from torch import Tensor

from graftwork.diagnosis._diagnosis import Finding
from graftwork.diagnosis._metric import MetricInfo
from graftwork.diagnosis._statistics import mean_and_error
from graftwork.diagnosis.subject import Subject
from graftwork.errors import InputError, MissingExtraError

Method = Literal["IntegratedGradients", "InputXGradient", "Saliency"]
_STEPS = 16


class CaptumAttributions:
    """Mean over rows of the summed absolute attributions of an output's loss to a component's units.

    Args:
        method: A method of `captum.attr`. Integrated gradients start from the mean activations and go 16
            steps.

    Raises:
        InputError: Another method.

    Source: Kokhlikyan et al., "Captum" (2020); Sundararajan, Taly and Yan, "Axiomatic attribution for deep
    networks" (ICML 2017).

    Example:
        >>> CaptumAttributions(method="Saliency").infos[0].name
        'captum_attribution'
    """

    infos: ClassVar[tuple[MetricInfo, ...]] = (
        MetricInfo(
            "captum_attribution",
            "skill",
            "more needed",
            "summed absolute attributions of the loss to its units, in a row",
        ),
    )

    def __init__(self, *, method: Method = "IntegratedGradients") -> None:
        if method not in get_args(Method):
            raise InputError(f"method: expected one of {', '.join(get_args(Method))}, came {method!r}")
        self.method = method

    def measure(self, subject: Subject) -> list[Finding]:
        """Findings for every component and output.

        Raises:
            MissingExtraError: Captum is not installed.
        """
        explainers = _captum()
        findings: list[Finding] = []
        for name in subject.components:
            for output in subject.outputs:
                value, error = 0.0, 0.0
                if output in subject.reached(name):
                    losses = _losses_of(subject, name, output)
                    attributed = self._attributed(getattr(explainers, self.method)(losses), subject, name)
                    rows = attributed.flatten(1).abs().sum(dim=1) / (subject.scales[output] or 1.0)
                    value, error = mean_and_error(rows.detach().double().cpu().numpy())
                findings.append(Finding(name, output, self.infos[0].name, value, error))
        return findings

    def _attributed(self, explainer: Any, subject: Subject, name: str) -> Tensor:
        values = subject.disturbable(name).detach().clone().requires_grad_()
        more: dict[str, Any] = {"abs": False} if self.method == "Saliency" else {}
        if self.method == "IntegratedGradients":
            mean = values.detach().mean(dim=0, keepdim=True).expand_as(values)
            more = {"baselines": mean, "n_steps": _STEPS, "internal_batch_size": len(values)}
        attributed: Tensor = explainer.attribute(values, **more)
        return attributed


def _losses_of(subject: Subject, name: str, output: str) -> Callable[[Tensor], Tensor]:
    present = subject.asked(output).present

    def losses(values: Tensor) -> Tensor:
        found = subject.row_losses(subject.disturbed(name, lambda _: values))[output]
        return torch.zeros(len(present)).to(found).masked_scatter(present, found)

    return losses


def _captum() -> Any:
    try:
        import captum.attr
    except ImportError as error:
        raise MissingExtraError("captum", "attributions") from error
    return captum.attr
