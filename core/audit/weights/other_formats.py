"""What a file is that is no .safetensors, told from its first bytes, and what to do with it.

A pickle, PyTorch's `.pt`, `.pth` and `.bin`, is not opened: it is a list of instructions that rebuild the objects in
it, any function that is installed may be among them, and it runs as it is read.
"""

from ...errors import InputError

HINT = (
    "Save it again: `from safetensors.torch import save_file`, then `save_file(model.state_dict(), 'm.safetensors')`."
)
CONVERT = (
    "Convert it where you trust it:\n"
    "from safetensors.torch import save_file\n"
    'save_file(torch.load("model.pt", weights_only=True), "model.safetensors")'
)
PICKLE = "a pickle, which can run any code when it is opened"
STARTS = (
    (b"\x89HDF", "an HDF5 file (Keras, MATLAB)"),
    (b"GGUF", "a GGUF file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x1f\x8b", "a gzip file"),
    (b"version https://git-lfs", "a Git LFS pointer in place of the file"),
    (b"<", "a web page or XML"),
)


def not_safetensors(start: bytes, size: int) -> InputError:
    r"""The error for a file that begins with these bytes.

    Examples
    --------
    >>> str(not_safetensors(b"GGUF\x03\x00\x00\x00", 8))
    '`weights` must be a .safetensors file, got a GGUF file'
    """
    kind, hint = (PICKLE, CONVERT) if _is_pickle(start) else (_kind(start, size), HINT)
    return InputError(f"`weights` must be a .safetensors file, got {kind}", hint=hint)


def _is_pickle(start: bytes) -> bool:
    if start.startswith(b"PK\x03\x04"):  # PyTorch's zip: its first entry is the pickle
        return b"/data.pkl" in start or b"/.format_version" in start or b"/byteorder" in start
    return start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")


def _kind(start: bytes, size: int) -> str:
    if not size:
        return "an empty file"
    if start.startswith(b"PK\x03\x04"):
        return "an .npz file" if b".npy" in start[:200] else "a zip file"
    if start[:1] == b"\x08" and (b"pytorch" in start or b"onnx" in start.lower()):
        return "an ONNX file"
    return next((kind for magic, kind in STARTS if start.startswith(magic)), "another kind of file, or a damaged one")
