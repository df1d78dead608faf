"""An estimate of the energy that a search took, for item 13 of a run card.

Seconds are measured; energy is not. It is seconds times a few factors, and no better than they are,
so report the factors with it.
"""

from nas_tutorial.names import real


def energy_kwh(
    seconds: float,
    *,
    memory_gb: float,
    cores: float = 1,
    watts_per_core: float = 12.0,
    watts_per_gb: float = 0.3725,
    pue: float = 1.56,
) -> float:
    """An estimate of the energy that a computation took, in kilowatt-hours.

    seconds x (cores x watts_per_core + memory_gb x watts_per_gb) x pue. The defaults are those of
    the reference's calculator for an unknown processor and data centre; a core is taken as fully
    busy. The energy that it took to make the machine is not included.

    Args:
        seconds: How long the cores were busy.
        memory_gb: Memory that was set aside for the computation, whether it was used or not.
        cores: How many cores were busy for that long; 1 where seconds are processor time.
        watts_per_core: The processor's thermal design power over its number of cores.
        watts_per_gb: What memory draws.
        pue: Power usage effectiveness: what a data centre draws for each watt that its computers
            draw. 1 for a computer at home.

    Returns:
        Kilowatt-hours.

    Raises:
        ValueError: If a factor is negative or no finite number, or `pue` is below 1.

    Reference:
        Lannelongue, Grealey and Inouye 2021, Green Algorithms: quantifying the carbon footprint of
        computation. 12 W and 0.3725 W/GB are in their calculator's data; so is 1.56, the mean of
        the Uptime Institute's survey of 2024.
    """
    hours = real("seconds", seconds, 0) / 3600
    processor = real("cores", cores, 0) * real("watts_per_core", watts_per_core, 0)
    memory = real("memory_gb", memory_gb, 0) * real("watts_per_gb", watts_per_gb, 0)
    return hours * (processor + memory) * real("pue", pue, 1) / 1000
