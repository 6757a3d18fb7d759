"""Risk of bias: what a reader judged of each domain of a study, and why."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from studies.domain.risk_of_bias import JUDGEMENT_LABELS, TOOL_LABELS, TOOLS, Tool
from studies.models import rules
from studies.models.study import Study

DOMAIN_LABELS = {name: label for tool in TOOLS.values() for name, label in tool.domains.items()}
DOMAIN_CHOICES = list(DOMAIN_LABELS.items())


def _one_of_the_tools(column: str) -> Q:
    """What each tool allows in a column: its own domains, or its own words."""
    allowed = Q()
    for tool, of_tool in TOOLS.items():
        allowed |= Q(
            tool=tool.value, **{f"{column}__in": [str(word) for word in getattr(of_tool, f"{column}s")]}
        )
    return allowed


class RiskOfBias(models.Model):
    """One domain of a tool, judged once for the study's main results."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="risk_of_bias")
    position = models.PositiveSmallIntegerField(default=0)
    tool = models.CharField(max_length=10, choices=list(TOOL_LABELS.items()))
    domain = models.CharField(max_length=20, choices=DOMAIN_CHOICES)
    judgement = models.CharField(max_length=15, choices=list(JUDGEMENT_LABELS.items()))
    reason = models.TextField(help_text="What the judgement rests on, in our own words.")
    assessed_by = models.TextField()
    assessed_on = models.CharField(max_length=10)
    second_assessor = models.TextField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "risk of bias"
        constraints = [
            models.UniqueConstraint(
                fields=["study", "domain"],
                name="risk_of_bias_once_per_domain",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=_one_of_the_tools("domain"), name="risk_of_bias_domain_of_tool"),
            models.CheckConstraint(
                condition=_one_of_the_tools("judgement"), name="risk_of_bias_judgement_of_tool"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="risk_of_bias_has_a_reason"),
            models.CheckConstraint(condition=~Q(assessed_by=""), name="risk_of_bias_has_an_assessor"),
            models.CheckConstraint(
                condition=Q(assessed_on__regex=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"),
                name="risk_of_bias_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(second_assessor__isnull=True)
                | (~Q(second_assessor="") & ~Q(second_assessor=F("assessed_by"))),
                name="risk_of_bias_second_assessor_is_another",
            ),
        ]
        triggers = rules.tool_fits_the_design()

    def __str__(self) -> str:
        return f"{self.tool}: {self.domain} {self.judgement}"

    @property
    def domain_label(self) -> str:
        """The domain in its tool's words: two tools may use one name."""
        return TOOLS[Tool(self.tool)].domains[self.domain]
