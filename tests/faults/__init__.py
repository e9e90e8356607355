"""Faults that were found by attacks and reported for other programs, one test for each kind.

Each test starts the program as a process: ``HTTPCLI_UNDER_TEST`` chooses another installation.
"""
