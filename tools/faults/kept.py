"""The passes of the campaign that failed once; they are played first in each campaign."""
from pathlib import Path

SEEDS = Path(__file__).with_name("seeds.txt")


def kept_seeds():
    """Their numbers."""
    lines = [line.split("#")[0].strip() for line in SEEDS.read_text(encoding="utf-8").splitlines()] if SEEDS.exists() else []
    return [int(line) for line in lines if line]


def keep_seed(seed, why):
    """Write down a pass that failed."""
    if seed not in kept_seeds():
        with SEEDS.open("a", encoding="utf-8") as handle:
            handle.write(f"{seed}  # {why}\n")
