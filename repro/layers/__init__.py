"""Layers that Keras does not have and a paper needs."""
