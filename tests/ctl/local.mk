# Tests of src/ctl: see tests/local.mk.
