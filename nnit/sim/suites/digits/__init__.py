"""Handwritten digits: 28 x 28 pictures of MNIST, and the 8 x 8 pictures that scikit-learn carries."""
