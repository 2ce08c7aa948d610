"""The statistics of satisfaction: pure functions from counts and arrays to numbers.

Nothing here knows of a city, a page or a language; numpy and SciPy are all it needs, so that it
serves in a notebook as it does behind a page. The functions that every caller needs are at hand
from the package itself; all others are imported from the module that is named for them, and
``docs/methods.md`` says what each of them answers.
"""

from survey.stats.printing import percent
from survey.stats.proportion import Interval, interval
from survey.stats.suppression import suppress
from survey.stats.target import Verdict, reached, verdict

__all__ = ["Interval", "Verdict", "interval", "percent", "reached", "suppress", "verdict"]
