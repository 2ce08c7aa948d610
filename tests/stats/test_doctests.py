import doctest
import importlib
import pkgutil

import pytest

import survey.stats

MODULES = [module.name for module in pkgutil.iter_modules(survey.stats.__path__, "survey.stats.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0
