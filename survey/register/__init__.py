"""Effective-dated reference data: units, fields, points, questionnaires, targets and rules.

A city folder is loaded into tables once and by dated additions; everybody else reads a frozen
snapshot of them.
"""
