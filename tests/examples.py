"""Results, candidates and histories of all kinds, for Hypothesis to draw from."""

from hypothesis import strategies as st

from nas_tutorial.history import History
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.trials import IDENTITY, Candidate, Result, Resumed, Trial

FINITE = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(max_size=5).filter(lambda name: name not in {*IDENTITY, "error"})
RESULTS = st.builds(
    Result,
    st.dictionaries(NAMES, FINITE | st.integers(-(2**60), 2**60), max_size=4),
    st.floats(0, 1e9),
    st.none() | st.text(),
    st.none() | st.integers(0, 99),
)
ARCHITECTURES = st.builds(Architecture, st.lists(st.text(max_size=5) | st.integers(), max_size=4))
FRESH = st.builds(
    Candidate,
    ARCHITECTURES,
    st.none() | st.integers(1, 200),
    st.lists(st.integers(0, 99), max_size=2),
)
RESUMED = st.builds(
    Candidate,
    ARCHITECTURES,
    st.none() | st.floats(1, 200),
    resumes=st.builds(
        Resumed, st.integers(0, 99), st.floats(0, 1, exclude_min=True, exclude_max=True)
    ),
)
CANDIDATES = FRESH | RESUMED
HISTORIES = st.lists(st.tuples(CANDIDATES, st.integers(0, 2**31 - 1), RESULTS), max_size=5).map(
    lambda rows: History(Trial(number, *row) for number, row in enumerate(rows))
)
