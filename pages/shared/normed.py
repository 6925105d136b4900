"""Core's answers about norms, for their page; they bring scikit-learn's digits with them."""

from core.models.norms import NORMS
from core.studies.norm_cancels import NormSettings, fold_study, norm_table

__all__ = ["TITLES", "NormSettings", "fold_study", "norm_table"]

TITLES = {name: norm.title for name, norm in NORMS.items()}
"""Norm -> as a reader writes it, in the order of the rows."""
