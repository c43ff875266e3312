"""The worked example of docs/bring-your-own.md: train a network with PyTorch and convert it to `.tflite`.

Runs where torch and litert-torch are installed, which is not the trainer's own environment:
    python -m training windows tests/training/brought.toml --data . --out windows.npz
    python tests/training/brought_from_pytorch.py windows.npz tests/training/brought
It writes brought.tflite, which the tests bring, and brought.pt, the same network as TorchScript.
"""

from __future__ import annotations

from pathlib import Path
import sys

import litert_torch
import numpy as np
import torch


class Net(torch.nn.Module):  # type: ignore[misc]
    """A convolution over the window's quarters, and the newest step beside it."""

    def __init__(self, steps: int, channels: int) -> None:
        """Make the layers."""
        super().__init__()
        self.conv = torch.nn.Conv1d(channels, 8, 4, stride=4)
        self.head = torch.nn.Sequential(
            torch.nn.Linear(8 * (steps // 4) + channels, 12), torch.nn.ReLU(), torch.nn.Linear(12, 1)
        )

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        """Return log-odds (batch, 1) of windows (batch, steps, channels): the contract's order."""
        # PyTorch convolves channels first: turn inside the network.
        window = window.transpose(1, 2)
        summed = torch.relu(self.conv(window)).flatten(1)
        answer: torch.Tensor = self.head(torch.cat([summed, window[:, :, -1]], dim=1))
        return answer


def fitted(windows: dict[str, torch.Tensor], epochs: int = 12) -> Net:
    """Return a network after some passes over the windows."""
    torch.manual_seed(3)
    inputs, targets, weights = (windows[name] for name in ("inputs", "targets", "weights"))
    net = Net(*inputs.shape[1:])
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3)
    for _ in range(epochs):
        for chosen in torch.randperm(len(inputs)).split(64):
            optimizer.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                net(inputs[chosen])[:, 0], targets[chosen], weights[chosen]
            )
            loss.backward()
            optimizer.step()
    # Else dropout and batch normalisation would go into the file as they are in training.
    net.eval()
    return net


def main(source: Path, target: Path) -> None:
    """Train, convert and write both files."""
    arrays = np.load(source)
    windows = {name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files}
    net = fitted(windows)
    example = torch.zeros(1, *windows["inputs"].shape[1:])
    litert_torch.convert(net, (example,)).export(str(target.with_suffix(".tflite")))
    torch.jit.script(net).save(str(target.with_suffix(".pt")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
