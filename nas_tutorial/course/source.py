"""Source code on the page: what is shown is what runs."""

import inspect


def show(*objects):
    """Show the source code of functions, classes or modules, in colour.

    The notebooks never paste what the library holds: what is shown is what runs.
    """
    from IPython.display import Code

    return Code("\n\n".join(inspect.getsource(one).rstrip() for one in objects), language="python")
