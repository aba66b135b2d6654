"""Tests of the rules: no Odoo, no database. ``python -m unittest discover -s engine/tests -t .``"""
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

# Hypothesis keeps a cache of constants it read; the checkout is no place for it.
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis-engine")
# The same examples on every machine and every day: a red build means a change, never luck.
settings.register_profile("engine", derandomize=True, database=None, deadline=None, max_examples=100,
                          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.load_profile("engine")
