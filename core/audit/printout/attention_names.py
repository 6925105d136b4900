r"""What the names in an attention tell: query, key and value, the result's layer, and scores that are not a product.

Nothing of `forward` is printed, so names are all that tells of a position that turns query and key, of a norm of them,
or of weights that are no softmax. A name that is not known proves nothing; that is left to `attention`.

Sources of the families that turn query and key, and of the scores: the classes of transformers, timm, fairseq, D2L.
"""

import re
from functools import lru_cache

ROLES = {"q": "query", "query": "query", "queries": "query", "k": "key", "key": "key", "keys": "key"}
ROLES |= {"v": "value", "value": "value", "values": "value", "qs": "query", "ks": "key", "vs": "value"}
_FILLING = re.compile(r"projection|proj|linear|lin|layer|dense|conv|fc|to(?=_)|^w(?=_?[qkv]s?$)|_|\d+$")
ATTENTION = re.compile(r"Attention|Attn|Non_?[Ll]ocal|^_?NL[A-Z]")
DOT_PRODUCT = re.compile(r"Dot_?Product(?:Self|Cross)?_?Attention$")
FUSED = re.compile(r"(?:^|_)(?:qkv|c_attn|query_key_value|in_proj|wqkv|to_qkv)(?:_|$)")
FUSED_PAIR = re.compile(r"(?:to_|w)?_?(?:kv|key_value)(?:_?(?:proj|projection|linear|lin|layer|conv))?")
OUTPUT = re.compile(
    r"(?:^|[._])(?:out|output|o|proj|projection|c_proj|dense|wo|w_o|W_o|w_concat|fc|gamma|last)(?:[._]|\d|$)|(?:^|[.])W$"
)
GATE = re.compile(r"gate|gating|(?:^|[._])g_proj", re.IGNORECASE)
_OF_VALUE = {
    *("", "gate", "gating", "g", "v", "value", "proj", "projection"),
    *("out", "output", "o", "linear", "layer", "fc"),
}
SCORES = re.compile(r"score|logit|energy|(?:^|[._])(?:[qk]s?|key|query|keys|queries)(?:[._\d]|$)", re.IGNORECASE)
"""A layer that has part in the scores, whatever else its name says."""
UNNAMED = re.compile(r"(?:^|[._])(?:theta|phi|linears)(?:[._\d]|$)")
"""Layers that give query and key under other names: of non-local blocks, of The Annotated Transformer."""
ONE_SCORE = re.compile(r"att|score|energy|weight|align|(?:^|[._])[vw](?:[._]|$)", re.IGNORECASE)
ELSEWHERE = re.compile(r"mlp|ffn?(?:[._]|\d|$)|feed|fc|class|head|embed|hidden|gate|gating|final", re.IGNORECASE)
"""A layer of another part, in a class that has an attention too."""
TURNS = re.compile(
    r"[Rr]otary|[Rr]otate|RoPE|Rope|(?<![a-z])rope(?![a-z])|"
    r"^(?:RoFormer|GPTJ|GPTNeoX|CodeGen|Llama|Qwen|Mistral|Mixtral|Ministral|Gemma|VaultGemma|Phi|StableLm|Starcoder2|"
    r"Glm|GLM|ChatGLM|InternLM|Olmo|FlexOlmo|Cohere|Aya|GptOss|Falcon|Persimmon|Fuyu|Nemotron|Granite|SmolLM|SmolVLM|"
    r"Deepseek|DeepSeek|Dbrx|Exaone|Helium|Bamba|Zamba2|Moshi|Mimi|Chameleon|Aria|Arcee|Ernie4|HunYuan|Hunyuan|MiniMax|"
    r"MiniCPM|Dots1|SeedOss|Apertus|BitNet|Csm|Dia[A-Z]|DiffLlama|Doge|Emu3|Esm|JetMoe|Kyutai|Lfm2|Longcat|Mllama|"
    r"ModernBert|RecurrentGemma|TimeMoe|Yi[A-Z]|Baichuan|Pixtral|OpenELM|Openelm|EuroBert|NomicBert|Kimi|Blt[A-Z]|DINOv3|"
    r"VJEPA2|Xverse|Solar|Evolla|Jais2|Afmoe|Ling|Bailing)",
    re.MULTILINE,
)
"""Position that turns query and key, by name, or of a family that turns them in `forward`."""
NORMS = re.compile(
    r"(?:^|_)(?:q|k|query|key|qk)_?(?:layer_?)?(?:norm|ln)|norm_?(?:q|k|query|key)(?:_|$)", re.IGNORECASE
)
OTHER_PART = re.compile(
    r"sink|relative|rel_|pos_proj|pos_key|distance|linear_?att|cosine|performer|slot|disentangled|retention",
    re.IGNORECASE,
)
OTHER_SCORE = re.compile(
    r"sink|gptoss|relative|additive|bahdanau|concat|sigmoid|relu|elu|linear_?att|linear_?self|linformer|longformer|"
    r"cosine|performer|favor|kernel|polynomial|slot|disentangled|deberta|retention|retnet|gated_?linear|distance|"
    r"gaussian|l2_?(?:self)?_?att|hopfield|fourier|auto_?correlation|nystrom|hyper|aft[A-Z_]|differential|diff_?att|"
    r"diffllama|swinv2|swin_?v2|rwkv|mamba|delta_?net|lightning|channel_?att|cross_?cov|xca|external|deformable|mix_?att|prob_?(?:sparse_?)?att|"
    r"synthesizer|fastformer|reformer|lsh|hard_?att|local_?linear|squared|entmax|tanh",
    re.IGNORECASE,
)  # fmt: skip
"""Weights that are no softmax over the keys of products of query and key, or not of these alone."""
OTHER_WEIGHTS = re.compile(f"{OTHER_SCORE.pattern}|talking", re.IGNORECASE)
"""Those, and weights that are mixed after the softmax, so that their sum is no longer 1."""


def is_gate_of_value(name: str) -> bool:
    """Whether a name says gate, and that of nothing but the values or their result.

    Examples
    --------
    >>> [is_gate_of_value(name) for name in ("gate_proj", "out_gate.0", "k_gate", "proj")]
    [True, True, False, False]
    """
    return bool(GATE.search(name)) and _OF_VALUE.issuperset(re.split(r"[._\d]+", name.lower()))


def role_of(name: str) -> str | None:
    """What a layer's name says that it gives: query, key, value, or None of these.

    Examples
    --------
    >>> [role_of(name) for name in ("h.0.attn.k_proj", "self.query", "to_v", "key_conv", "conv1")]
    ['key', 'query', 'value', 'key', None]
    """
    return _role(name.rpartition(".")[2])


@lru_cache(maxsize=1000)
def _role(name: str) -> str | None:
    return ROLES.get(_FILLING.sub("", name.lower()))
