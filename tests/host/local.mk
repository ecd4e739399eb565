# Tests of src/host: see tests/local.mk.
