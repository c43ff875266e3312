"""TorchScript -> `.tflite`, in a process of its own: PyTorch and TensorFlow in one have been seen to kill it.

python -m training.torchscript NET.pt STEPS CHANNELS OUT.tflite
"""

from __future__ import annotations

from collections.abc import Sequence
import importlib
from pathlib import Path
import sys

CONVERTER = "litert_torch"


def convert(source: Path, shape: tuple[int, int], target: Path) -> None:
    """Write a TorchScript file, which takes windows of (steps, channels), as `.tflite`."""
    torch, converter = importlib.import_module("torch"), importlib.import_module(CONVERTER)
    # The converter takes no TorchScript itself; PyTorch turns it into a program that it does take.
    exporting = importlib.import_module("torch._export.converter")
    network = torch.jit.load(str(source)).eval()
    example = (torch.zeros(1, *shape),)
    program = exporting.TS2EPConverter(network, example).convert()
    converter.convert(program.module(), example).export(str(target))


def main(arguments: Sequence[str]) -> int:
    """Convert; say in the last line of standard error why it cannot be."""
    source, steps, channels, target = arguments
    try:
        convert(Path(source), (int(steps), int(channels)), Path(target))
    except Exception as err:  # noqa: BLE001 - whatever two large packages raise
        print(" ".join(str(err).split())[:200], file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
