# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026, The Fovea authors
#
# The unmodified cam takes pictures: processed, raw, and both at once.

import glob
import os
import re
import sys

import numpy

from world import execute, fovea, main, read_ppm, RUN

WIDTH, HEIGHT = 1920, 1080


def frames_of(result):
    """Sequence numbers in the order in which cam reported its frames."""
    return [int(number) for number in
            re.findall(r'seq: (\d+)', result.output + result.errors)]


def lists_the_cameras(directory):
    result = fovea('--', 'cam', '-l')
    assert result.status == 0, result
    assert re.search(r'^1: .*imx219', result.output, re.MULTILINE), result
    assert re.search(r'^2: .*imx477', result.output, re.MULTILINE), result

    result = fovea('--rig', 'single', '--', 'cam', '-l')
    assert re.search(r'^1: .*imx219', result.output, re.MULTILINE), result
    assert not re.search(r'^2:', result.output, re.MULTILINE), result


def writes_30_processed_frames(directory):
    result = fovea('--virtual-time', '--', 'cam', '-c', '1', '--capture=30',
                   f'--file={directory}/frame-#.ppm')
    assert result.status == 0, result
    files = sorted(glob.glob(f'{directory}/frame-*.ppm'))
    assert len(files) == 30, result
    assert frames_of(result) == list(range(30)), result

    picture = read_ppm(files[-1])
    assert picture.shape == (HEIGHT, WIDTH, 3), picture.shape
    # A picture has contrast and is neither black nor clipped.
    assert picture.std() > 20, picture.std()
    assert 60 < picture.mean() < 190, picture.mean()


def writes_raw_frames(directory):
    result = fovea('--virtual-time', '--', 'cam', '-c', '1', '-s', 'role=raw',
                   '--capture=5', f'--file={directory}/raw-#.bin')
    assert result.status == 0, result
    files = sorted(glob.glob(f'{directory}/raw-*.bin'))
    assert len(files) == 5, result

    samples = numpy.fromfile(files[-1], numpy.uint16)
    assert samples.max() < 1024, samples.max()
    # The virtual sensor has a black level of 64 of 1023.
    assert 64 < samples.mean() < 1000, samples.mean()


def writes_both_at_once(directory):
    result = fovea('--virtual-time', '--', 'cam', '-c', '1', '-s', 'role=viewfinder',
                   '-s', 'role=raw', '--capture=10', f'--file={directory}/both-#.bin')
    assert result.status == 0, result
    for stream in ('stream0', 'stream1'):
        files = glob.glob(f'{directory}/both-*{stream}*.bin')
        assert len(files) == 10, (stream, os.listdir(directory))


def returns_the_status_of_the_command(directory):
    assert fovea('--', 'true').status == 0
    assert fovea('--', 'sh', '-c', 'exit 42').status == 42
    assert fovea('--', 'sh', '-c', 'kill -TERM $$').status == 128 + 15


def names_an_unknown_command(directory):
    result = fovea('--', 'no-such-command')
    assert result.status == 127, result
    assert 'no-such-command' in result.errors, result


def shows_help_with_an_example(directory):
    result = execute([RUN, '--help'])
    assert result.status == 0 and 'xample' in result.output, result


if __name__ == '__main__':
    sys.exit(main([
        lists_the_cameras,
        writes_30_processed_frames,
        writes_raw_frames,
        writes_both_at_once,
        returns_the_status_of_the_command,
        names_an_unknown_command,
        shows_help_with_an_example,
    ]))
