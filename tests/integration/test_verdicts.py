# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# utils/test tells the truth about the programs that it runs.

import os
import sys

from world import main, SOURCE

sys.path.insert(0, os.path.join(SOURCE, 'utils', 'lib'))

import libcamera_tests  # noqa: E402
import run_tests  # noqa: E402

LOG = '[0:19:43.185504781] [25973]  INFO Camera camera_manager.cpp:340 libcamera v0.7.2\n'


def verdict(result, stdout='', stderr='', status=0):
    record = {'result': result, 'stdout': stdout, 'stderr': stderr, 'returncode': status, 'duration': 1}
    (_, found, reason), = run_tests.read_program(record, [])
    return found, reason


def unittest_output(end):
    return f'.F.\n{LOG}\n-----\nRan 7 tests in 0.047s\n\n{end}\n'


def exit_status_decides(directory):
    assert verdict('OK', 'all well\n') == ('passed', '')
    assert verdict('EXPECTEDFAIL', status=134) == ('passed', 'it is meant to fail')
    assert verdict('FAIL', 'no vimc\n', LOG, 1) == ('failed', 'fail, exit status 1: no vimc')


def unittest_says_more_than_its_exit_status(directory):
    assert verdict('OK', stderr=unittest_output('OK')) == ('passed', '')
    assert verdict('OK', stderr=unittest_output('FAILED (failures=3, skipped=3)')) == \
        ('failed', 'Ran 7 tests: failures=3, skipped=3')
    assert verdict('OK', stderr=unittest_output('OK (skipped=3)')) == \
        ('skipped', 'Ran 7 tests: skipped=3')


def skips_say_why(directory):
    assert verdict('SKIP', 'no camera\n', LOG, 77) == ('skipped', 'no camera')
    # What the library logs is no reason to skip.
    assert verdict('SKIP', '', LOG, 77) == ('skipped', libcamera_tests.NO_REASON)


def no_test_is_left_out(directory):
    tests = [{'name': name, 'suite': [suite]} for name, suite in (
        ('capture', 'libcamera:camera'), ('fence', 'libcamera'), ('controls', 'libcamera:v4l2_videodevice'),
        ('files', 'fovea:transport'))]
    found = [('v4l2_videodevice / controls', 'skipped', libcamera_tests.NO_REASON),
             ('camera / capture', 'passed', ''), ('meson test', 'failed', 'exit status 2')]

    ordered = libcamera_tests.in_order(found, tests, ['libcamera'])
    assert [(name, verdict) for name, verdict, _ in ordered] == [
        ('camera / capture', 'passed'), ('libcamera / fence', 'failed'),
        ('v4l2_videodevice / controls', 'skipped'), ('meson test', 'failed')], ordered

    lines = libcamera_tests.table(ordered).splitlines()
    assert len(lines) == 2 + 4 and 'meson did not run it' in lines[3], lines

    ordered = libcamera_tests.in_order([], tests, ['libcamera:camera'])
    assert ordered == [('camera / capture', 'failed', 'meson did not run it')], ordered


def suites_of_libcamera_run_apart(directory):
    runs = run_tests.plan('build', 'sanitized', ['ipa', 'isp', 'libcamera:ipa'])
    assert [(run.build, run.suites) for run in runs] == [
        ('build', ['fovea:ipa', 'fovea:isp']), ('build', ['libcamera:ipa']),
        ('sanitized', ['fovea:isp'])], runs
    runs = run_tests.plan('build', None, [])
    assert [run.suites for run in runs] == [['fovea'], ['libcamera']], runs


if __name__ == '__main__':
    sys.exit(main([
        exit_status_decides,
        unittest_says_more_than_its_exit_status,
        skips_say_why,
        no_test_is_left_out,
        suites_of_libcamera_run_apart,
    ]))
