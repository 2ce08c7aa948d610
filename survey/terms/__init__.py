"""The vocabulary as frozen values: scales, questionnaires, responses, periods, series, targets.

Parses and validates; knows no clock, no database, no web and nothing of one city.
"""
