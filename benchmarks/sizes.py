"""How much is measured."""

from typing import NamedTuple

from . import growth
from .servers import OPERATIONS
from .serving import KINDS


class Size(NamedTuple):
    """How much is measured.

    Attributes:
        rounds: How often each is measured.
        requests: Submits in a measurement, at once; one at a time it is a quarter.
        operations: How many are waited for.
        asked: How many those who ask one by one are measured with.
        nodes: Of the graphs.
        starts: How often each process is started.
        exports: Of a batch from end to end.
        jobs: Of the batches whose memory is compared, few and many.
        side: Pixels of a large export.
        kinds: Its formats.
        scenes: How many are in the median, and their pixels.
        growth: What `growth` measures.
    """

    rounds: int
    requests: int
    operations: int
    asked: int
    nodes: tuple[int, ...]
    starts: int
    exports: int
    jobs: tuple[int, int]
    side: int
    kinds: tuple[str, ...]
    scenes: tuple[int, int]
    growth: growth.Sizes


FULL = Size(
    rounds=9,
    requests=400,
    operations=OPERATIONS,
    asked=300,
    nodes=(10_000, 100_000),
    starts=15,
    exports=10_000,
    jobs=(1_000, 100_000),
    side=10_000,
    kinds=tuple(KINDS),
    scenes=(50, 2_000),
    growth=growth.SIZES,
)
TINY = Size(
    rounds=1,
    requests=40,
    operations=500,
    asked=2,
    nodes=(50,),
    starts=1,
    exports=5,
    jobs=(5, 10),
    side=64,
    kinds=("COG",),
    scenes=(2, 16),
    growth={name: (unit, sizes[:3]) for name, (unit, sizes) in growth.SIZES.items()},
)
"""For a test that all of it runs."""
