"""The words of evalkit as frozen dataclasses: no input or output, no pandas tricks, no YAML."""
