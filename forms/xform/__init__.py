"""The XForm that a tablet gets, read into a `Form`."""
