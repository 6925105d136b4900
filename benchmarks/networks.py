"""Architectures in small, written out in plain torch as their papers have them, but with a bias wherever one can be.

`NETWORKS` is name -> what makes the model and an input of its kind. Branches, sums, functional activations and reshapes
stand in `forward`, as they do in the originals: that is what a printout does not show.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Made = tuple[nn.Module, Any]
PICTURE, TOKENS = (4, 3, 16, 16), (3, 6)


def conv_bn(
    i: int, o: int, k: int = 3, s: int = 1, g: int = 1, act: Callable[[], nn.Module] | None = nn.ReLU
) -> nn.Sequential:
    parts: list[nn.Module] = [nn.Conv2d(i, o, k, s, k // 2, groups=g), nn.BatchNorm2d(o)]
    return nn.Sequential(*parts, *([act()] if act else []))


class BasicBlock(nn.Module):
    def __init__(self, i: int, o: int, s: int = 1) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, s, 1), nn.BatchNorm2d(o)
        self.relu = nn.ReLU()
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1), nn.BatchNorm2d(o)
        self.downsample = conv_bn(i, o, 1, s, act=None) if s > 1 or i != o else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    def __init__(self, i: int, w: int, o: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, w, 1), nn.BatchNorm2d(w)
        self.conv2, self.bn2 = nn.Conv2d(w, w, 3, 1, 1), nn.BatchNorm2d(w)
        self.conv3, self.bn3 = nn.Conv2d(w, o, 1), nn.BatchNorm2d(o)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = conv_bn(i, o, 1, act=None) if i != o else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))
        return self.relu(self.bn3(self.conv3(y)) + (x if self.downsample is None else self.downsample(x)))


class PreActivation(nn.Module):
    def __init__(self, w: int) -> None:
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(w), nn.Conv2d(w, w, 3, 1, 1)
        self.bn2, self.conv2 = nn.BatchNorm2d(w), nn.Conv2d(w, w, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))


class DenseLayer(nn.Module):
    def __init__(self, i: int, growth: int) -> None:
        super().__init__()
        self.norm1, self.relu1, self.conv1 = nn.BatchNorm2d(i), nn.ReLU(), nn.Conv2d(i, 2 * growth, 1)
        self.norm2, self.relu2, self.conv2 = (
            nn.BatchNorm2d(2 * growth),
            nn.ReLU(),
            nn.Conv2d(2 * growth, growth, 3, 1, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.conv2(self.relu2(self.norm2(self.conv1(self.relu1(self.norm1(x))))))], 1)


class InvertedResidual(nn.Module):
    def __init__(self, i: int, o: int, expand: int, s: int = 1) -> None:
        super().__init__()
        w = i * expand
        self.conv = nn.Sequential(
            conv_bn(i, w, 1, act=nn.ReLU6), conv_bn(w, w, 3, s, w, nn.ReLU6), nn.Conv2d(w, o, 1), nn.BatchNorm2d(o)
        )
        self.use_res_connect = s == 1 and i == o

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class SqueezeExcitation(nn.Module):
    def __init__(self, w: int, r: int) -> None:
        super().__init__()
        self.avgpool, self.fc1, self.fc2 = nn.AdaptiveAvgPool2d(1), nn.Conv2d(w, r, 1), nn.Conv2d(r, w, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.fc2(F.silu(self.fc1(self.avgpool(x)))))


class MBConv(nn.Module):
    def __init__(self, i: int) -> None:
        super().__init__()
        w = 4 * i
        self.block = nn.Sequential(
            conv_bn(i, w, 1, act=nn.SiLU),
            conv_bn(w, w, 3, 1, w, nn.SiLU),
            SqueezeExcitation(w, 4),
            conv_bn(w, i, 1, act=None),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x)


class Permute(nn.Module):
    def __init__(self, *dims: int) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)


class ConvNeXtBlock(nn.Module):
    def __init__(self, w: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(w, w, 7, 1, 3, groups=w), Permute(0, 2, 3, 1), nn.LayerNorm(w), nn.Linear(w, 4 * w), nn.GELU(),
            nn.Linear(4 * w, w), Permute(0, 3, 1, 2),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x)


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inc = nn.Sequential(*conv_bn(3, 4), *conv_bn(4, 4))
        self.down = nn.Sequential(nn.MaxPool2d(2), *conv_bn(4, 8), *conv_bn(8, 8))
        self.up = nn.ConvTranspose2d(8, 4, 2, 2)
        self.conv = nn.Sequential(*conv_bn(8, 4), *conv_bn(4, 4))
        self.outc = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.inc(x)
        return self.outc(self.conv(torch.cat([skip, self.up(self.down(skip))], 1)))


class ResnetBlock(nn.Module):
    """CycleGAN's."""

    def __init__(self, w: int) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1), nn.Conv2d(w, w, 3), nn.InstanceNorm2d(w), nn.ReLU(True),
            nn.ReflectionPad2d(1), nn.Conv2d(w, w, 3), nn.InstanceNorm2d(w),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)


class Functional(nn.Module):
    """Two convolutions and a norm that `forward` runs in another order than they are made in."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_a, self.conv_b, self.bn = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.conv_b(F.relu(self.bn(self.conv_a(x)))).mean((2, 3)))


class GroupNormNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 8)
        self.conv2, self.norm2 = nn.Conv2d(8, 8, 3), nn.GroupNorm(8, 8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm1(self.conv1(x)))
        return self.head(F.relu(self.norm2(self.conv2(x))).mean((2, 3)))


class SelfAttention2d(nn.Module):
    """SAGAN's."""

    def __init__(self, w: int) -> None:
        super().__init__()
        self.query_conv, self.key_conv, self.value_conv = (nn.Conv2d(w, o, 1) for o in (2, 2, w))
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (one(x).flatten(2) for one in (self.query_conv, self.key_conv, self.value_conv))
        return x + (v @ self.softmax(q.transpose(1, 2) @ k).transpose(1, 2)).view(x.shape)


class PointNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2, self.conv3 = nn.Conv1d(3, 8, 1), nn.Conv1d(8, 8, 1), nn.Conv1d(8, 16, 1)
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm1d(8), nn.BatchNorm1d(8), nn.BatchNorm1d(16)
        self.fc = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return self.fc(self.bn3(self.conv3(x)).amax(2))


class WaveNetLayer(nn.Module):
    def __init__(self, w: int) -> None:
        super().__init__()
        self.filter, self.gate = nn.Conv1d(w, w, 2, dilation=2), nn.Conv1d(w, w, 2, dilation=2)
        self.residual, self.bn = nn.Conv1d(w, w, 1), nn.BatchNorm1d(w)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.tanh(self.filter(x)) * torch.sigmoid(self.gate(x))
        return self.bn(self.residual(y) + x[..., -y.shape[-1] :])


def picture(*layers: nn.Module) -> Made:
    return nn.Sequential(*layers), torch.randn(PICTURE)


def pooled(width: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 5)]


def dcgan_generator() -> Made:
    layers: list[nn.Module] = []
    for i, o in ((8, 8), (8, 4)):
        layers += [nn.ConvTranspose2d(i, o, 4, 2, 1), nn.BatchNorm2d(o), nn.ReLU(True)]
    return nn.Sequential(*layers, nn.ConvTranspose2d(4, 3, 4, 2, 1), nn.Tanh()), torch.randn(4, 8, 4, 4)


def dcgan_discriminator() -> Made:
    spectral = nn.utils.parametrizations.spectral_norm
    first = [
        spectral(nn.Conv2d(3, 4, 4, 2, 1)),
        nn.LeakyReLU(0.2),
        spectral(nn.Conv2d(4, 8, 4, 2, 1)),
        nn.BatchNorm2d(8),
    ]
    return picture(*first, nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 4), nn.Flatten())


CONVOLUTIONAL: dict[str, Callable[[], Made]] = {
    "VGG with batch norm": lambda: picture(
        *conv_bn(3, 4),
        *conv_bn(4, 8),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(512, 8),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(8, 5),
    ),
    "ResNet, basic blocks": lambda: picture(
        *conv_bn(3, 4), BasicBlock(4, 4), BasicBlock(4, 8, 2), BasicBlock(8, 8), *pooled(8)
    ),
    "ResNet, bottlenecks": lambda: picture(*conv_bn(3, 4), Bottleneck(4, 2, 8), Bottleneck(8, 2, 8), *pooled(8)),
    "ResNet, pre-activation": lambda: picture(
        nn.Conv2d(3, 4, 3), PreActivation(4), PreActivation(4), nn.BatchNorm2d(4), nn.ReLU(), *pooled(4)
    ),
    "DenseNet": lambda: picture(
        nn.Conv2d(3, 4, 3),
        DenseLayer(4, 2),
        DenseLayer(6, 2),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 4, 1),
        nn.AvgPool2d(2),
        DenseLayer(4, 2),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        *pooled(6),
    ),
    "MobileNetV2": lambda: picture(
        conv_bn(3, 4, act=nn.ReLU6),
        InvertedResidual(4, 4, 2),
        InvertedResidual(4, 6, 2, 2),
        InvertedResidual(6, 6, 2),
        *pooled(6),
    ),
    "EfficientNet": lambda: picture(conv_bn(3, 4, act=nn.SiLU), MBConv(4), MBConv(4), *pooled(4)),
    "ConvNeXt": lambda: picture(nn.Conv2d(3, 8, 4, 4), ConvNeXtBlock(8), ConvNeXtBlock(8), *pooled(8)),
    "U-Net": lambda: (UNet(), torch.randn(PICTURE)),
    "DCGAN, generator": dcgan_generator,
    "DCGAN, discriminator with spectral norm": dcgan_discriminator,
    "CycleGAN, generator": lambda: picture(
        nn.ReflectionPad2d(3),
        nn.Conv2d(3, 4, 7),
        nn.InstanceNorm2d(4),
        nn.ReLU(True),
        ResnetBlock(4),
        ResnetBlock(4),
        nn.ConvTranspose2d(4, 4, 3, 2, 1, 1),
        nn.InstanceNorm2d(4),
        nn.ReLU(True),
        nn.ReflectionPad2d(3),
        nn.Conv2d(4, 3, 7),
        nn.Tanh(),
    ),
    "SAGAN, attention over places": lambda: picture(nn.Conv2d(3, 4, 3, 2), SelfAttention2d(4), nn.ReLU(), *pooled(4)),
    "Convolutions with group norm": lambda: (GroupNormNet(), torch.randn(PICTURE)),
    "Another order in forward": lambda: (Functional(), torch.randn(PICTURE)),
    "PointNet": lambda: (PointNet(), torch.randn(4, 3, 12)),
    "WaveNet": lambda: (nn.Sequential(nn.Conv1d(2, 4, 1), WaveNetLayer(4), WaveNetLayer(4)), torch.randn(4, 2, 16)),
}
