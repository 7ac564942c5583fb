# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# libcamera's own tests: which there are, on which virtual machine each runs, and
# a table of their verdicts.

import os

PROJECT = 'libcamera'

# A machine with the drivers that the tests look for.
RIG = 'vimc-vivid-vim2m'

# The tests that want another machine. GStreamer's test of two streams takes the
# first camera that has two: vimc's has one, Fovea's has them.
OTHER_RIGS = {'multi_stream_test': 'default'}

# What run_tests.py says of a skipped test that says nothing.
NO_REASON = 'no reason given'

WRAPPER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'libcamera-test')

# One after the other: many measure time, and one looks for a process by its
# name among all of the machine.
OPTIONS = ['--num-processes', '1', '--timeout-multiplier', '4', '--wrapper',
           ' '.join([WRAPPER, RIG, *(f'{test}={rig}' for test, rig in OTHER_RIGS.items()), '--'])]

# meson names its reports after the wrapper.
LOG = 'testlog-' + os.path.basename(WRAPPER)


def is_suite(name):
    return name.split(':')[0] == PROJECT


def in_order(found, tests, suites):
    """
    Verdicts in the order of meson.build. A test that meson knows and that has no
    verdict has failed: none is left out.
    """
    verdicts = {name: (verdict, reason) for name, verdict, reason in found}
    ordered = []
    for test in tests:
        suite = test['suite'][0]
        if suite not in suites and suite.split(':')[0] not in suites:
            continue
        name = f"{suite.split(':')[-1]} / {test['name']}"
        ordered.append((name, *verdicts.pop(name, ('failed', 'meson did not run it'))))

    return ordered + [(name, *verdict) for name, verdict in verdicts.items()]


def table(found):
    """One line a test, as text and as Markdown."""
    rows = [('test', 'verdict', 'reason')]
    for name, verdict, reason in found:
        rig = OTHER_RIGS.get(name.split(' / ')[-1])
        notes = [reason] if reason else []
        if rig:
            notes.append(f"on the rig '{rig}'")
        rows.append((name, verdict, ', '.join(notes).replace('|', '\\|')))

    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = [f'| {name:{widths[0]}} | {verdict:{widths[1]}} | {reason} |'
             for name, verdict, reason in rows]
    lines.insert(1, f"|{'-' * (widths[0] + 2)}|{'-' * (widths[1] + 2)}|---|")
    return '\n'.join(lines)
