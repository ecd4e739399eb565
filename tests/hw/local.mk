# Tests of src/hw: see tests/local.mk.
