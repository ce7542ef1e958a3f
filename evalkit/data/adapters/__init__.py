"""One adapter per official data set: files in, a `Delivery` out, with the traps of each set known and written down."""
