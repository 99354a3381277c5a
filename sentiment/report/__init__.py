"""Outcomes to tables, figures and pages."""
