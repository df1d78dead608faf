"""The library's source code on the page: what is shown is what runs."""

import inspect


def show(*objects):
    """Show the source code of functions, classes or modules, in colour.

    The notebooks show the library's code by this alone, so it never differs from what runs.

    Raises:
        TypeError: If an object has no source code, such as a number.
    """
    from IPython.display import Code

    return Code(
        "\n\n".join(inspect.getsource(shown).rstrip() for shown in objects), language="python"
    )
