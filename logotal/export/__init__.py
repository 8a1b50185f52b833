"""Models for other runtimes: ONNX and PyTorch's exported program."""
