"""Architectures for sequences and for tables, in small: see `networks`."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Made = tuple[nn.Module, Any]
WIDTH, HEADS, WORDS = 8, 2, 11


def tokens() -> Tensor:
    return torch.randint(0, WORDS, (3, 6))


def split(x: Tensor) -> Tensor:
    return x.view(*x.shape[:2], HEADS, -1).transpose(1, 2)


def attend(q: Tensor, k: Tensor, v: Tensor, drop: nn.Module | None = None) -> Tensor:
    weights = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(-1)
    return (drop(weights) if drop else weights).matmul(v).transpose(1, 2).flatten(2)


class BertSelfAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        return attend(split(self.query(x)), split(self.key(x)), split(self.value(x)), self.dropout)


class BertOutput(nn.Module):
    def __init__(self, i: int) -> None:
        super().__init__()
        self.dense, self.LayerNorm, self.dropout = nn.Linear(i, WIDTH), nn.LayerNorm(WIDTH), nn.Dropout(0.1)

    def forward(self, x: Tensor, before: Tensor) -> Tensor:
        return self.LayerNorm(self.dropout(self.dense(x)) + before)


class BertAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.self, self.output = BertSelfAttention(), BertOutput(WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.self(x), x)


class BertLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention, self.intermediate, self.output = BertAttention(), nn.Linear(WIDTH, 16), BertOutput(16)

    def forward(self, x: Tensor) -> Tensor:
        x = self.attention(x)
        return self.output(F.gelu(self.intermediate(x)), x)


class Bert(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.word_embeddings, self.LayerNorm = nn.Embedding(WORDS, WIDTH), nn.LayerNorm(WIDTH)
        self.layer = nn.ModuleList([BertLayer(), BertLayer()])
        self.pooler, self.classifier = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 3)

    def forward(self, words: Tensor) -> Tensor:
        x = self.LayerNorm(self.word_embeddings(words))
        for layer in self.layer:
            x = layer(x)
        return self.classifier(torch.tanh(self.pooler(x[:, 0])))


class Gpt2Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.ln_1, self.c_attn, self.c_proj = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.ln_2, self.c_fc, self.c_out = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 16), nn.Linear(16, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (split(one) for one in self.c_attn(self.ln_1(x)).chunk(3, -1))
        x = x + self.c_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))
        return x + self.c_out(F.gelu(self.c_fc(self.ln_2(x))))


class Gpt2(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wte, self.wpe, self.ln_f = nn.Embedding(WORDS, WIDTH), nn.Embedding(6, WIDTH), nn.LayerNorm(WIDTH)
        self.h, self.lm_head = nn.ModuleList([Gpt2Block(), Gpt2Block()]), nn.Linear(WIDTH, WORDS, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, words: Tensor) -> Tensor:
        x = self.wte(words) + self.wpe.weight
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))


class RotaryEmbedding(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        half = x.shape[-1] // 2
        angle = torch.arange(x.shape[-2], dtype=x.dtype)[:, None] / 10 ** torch.arange(half, dtype=x.dtype)
        one, two = x[..., :half], x[..., half:]
        return torch.cat([one * angle.cos() - two * angle.sin(), one * angle.sin() + two * angle.cos()], -1)


class ProjectedAttention(nn.Module):
    """With rotary position, with norms of query and key, or with neither."""

    def __init__(self, *, rotary: bool = False, norm: bool = False) -> None:
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        if norm:
            self.q_norm, self.k_norm = nn.RMSNorm(WIDTH // HEADS), nn.RMSNorm(WIDTH // HEADS)
        if rotary:
            self.rotary_emb = RotaryEmbedding()

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = split(self.q_proj(x)), split(self.k_proj(x)), split(self.v_proj(x))
        if hasattr(self, "q_norm"):
            q, k = self.q_norm(q), self.k_norm(k)
        if hasattr(self, "rotary_emb"):
            q, k = self.rotary_emb(q), self.rotary_emb(k)
        return self.o_proj(attend(q, k, v))


class DecoderBlock(nn.Module):
    def __init__(self, **options: bool) -> None:
        super().__init__()
        self.self_attn = ProjectedAttention(**options)
        self.gate_proj, self.up_proj, self.down_proj = nn.Linear(WIDTH, 16), nn.Linear(WIDTH, 16), nn.Linear(16, WIDTH)
        self.input_layernorm, self.post_attention_layernorm = nn.RMSNorm(WIDTH), nn.RMSNorm(WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x))
        y = self.post_attention_layernorm(x)
        return x + self.down_proj(F.silu(self.gate_proj(y)) * self.up_proj(y))


class VisionTransformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv_proj = nn.Conv2d(3, WIDTH, 4, 4)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 16, 0.0, "gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.ln, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.ln(self.encoder(self.conv_proj(x).flatten(2).transpose(1, 2)).mean(1)))


class Tagger(nn.Module):
    def __init__(self, kind: type[nn.RNNBase]) -> None:
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(WORDS, 6), kind(6, 5, batch_first=True, bidirectional=True)
        self.dropout, self.fc = nn.Dropout(0.2), nn.Linear(10, 4)

    def forward(self, words: Tensor) -> Tensor:
        return self.fc(self.dropout(self.rnn(self.embedding(words))[0])).log_softmax(-1)


class AttentionPooling(nn.Module):
    """Yang et al.'s: a score for every word, a softmax over them."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.hidden, self.tanh = nn.Embedding(WORDS, WIDTH), nn.Linear(WIDTH, WIDTH), nn.Tanh()
        self.score, self.softmax, self.classify = nn.Linear(WIDTH, 1), nn.Softmax(dim=1), nn.Linear(WIDTH, 3)

    def forward(self, words: Tensor) -> Tensor:
        x = self.embedding(words)
        return self.classify((self.softmax(self.score(self.tanh(self.hidden(x)))) * x).sum(1))


def table(*layers: nn.Module) -> Made:
    return nn.Sequential(*layers), torch.randn(16, 6)


SEQUENTIAL: dict[str, Callable[[], Made]] = {
    "BERT": lambda: (Bert(), tokens()),
    "GPT-2": lambda: (Gpt2(), tokens()),
    "Llama, rotary position": lambda: (
        nn.Sequential(nn.Embedding(WORDS, WIDTH), DecoderBlock(rotary=True), nn.RMSNorm(WIDTH)),
        tokens(),
    ),
    "Transformer, norms of query and key": lambda: (
        nn.Sequential(nn.Embedding(WORDS, WIDTH), DecoderBlock(norm=True), nn.RMSNorm(WIDTH)),
        tokens(),
    ),
    "Transformer, plain attention": lambda: (
        nn.Sequential(nn.Embedding(WORDS, WIDTH), DecoderBlock(), nn.RMSNorm(WIDTH)),
        tokens(),
    ),
    "ViT": lambda: (VisionTransformer(), torch.randn(3, 3, 16, 16)),
    "LSTM, tagger": lambda: (Tagger(nn.LSTM), tokens()),
    "GRU, tagger": lambda: (Tagger(nn.GRU), tokens()),
    "Attention pooling": lambda: (AttentionPooling(), tokens()),
    "MLP with batch norm and dropout": lambda: table(
        nn.Linear(6, 8),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(8, 8),
        nn.Dropout(0.2),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Linear(8, 3),
    ),
    "Autoencoder": lambda: table(
        nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2), nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 6)
    ),
}
