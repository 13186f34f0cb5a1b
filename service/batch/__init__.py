"""Label a comment dump: reader -> chunks -> scoring processes -> output, in constant memory, and resumable."""
