"""The standard as data: sites, services, targets, calendar and editions. Pure once loaded."""

from libs.standards.faults import Fault, StandardsError
from libs.standards.folder import contents_of, for_sites
from libs.standards.loader import load, made_of
from libs.standards.metrics import METRICS, Metric, MetricDefinition, Unit
from libs.standards.standards import Standards
from libs.standards.values import (
    CaseTime,
    Criterion,
    CriterionKind,
    Direction,
    Edition,
    EvidenceKind,
    Level,
    LevelRule,
    Name,
    OfficeHours,
    Part,
    Province,
    Service,
    Site,
    SiteKind,
    Source,
    SourceMark,
    Target,
)

__all__ = [
    "METRICS",
    "CaseTime",
    "Criterion",
    "CriterionKind",
    "Direction",
    "Edition",
    "EvidenceKind",
    "Fault",
    "Level",
    "LevelRule",
    "Metric",
    "MetricDefinition",
    "Name",
    "OfficeHours",
    "Part",
    "Province",
    "Service",
    "Site",
    "SiteKind",
    "Source",
    "SourceMark",
    "Standards",
    "StandardsError",
    "Target",
    "Unit",
    "contents_of",
    "for_sites",
    "load",
    "made_of",
]
